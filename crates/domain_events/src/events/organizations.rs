//! Events of organizations and their members.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tenantry_core::{
    access::Role,
    event::{DomainEvent, EventInfo, EventKind},
    id::{InvitationId, OrganizationId, TokenId, UserId},
    organization_events,
    value::{Name, Reason, Slug},
};

/// An organization was created; its first owner joined in the same transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrganizationCreated {
    /// The new organization.
    pub organization_id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// Its first owner.
    pub created_by_user_id: UserId,
}

/// An organization was renamed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrganizationRenamed {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Its new name.
    pub name: Name,
}

/// A user became a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserJoinedOrganization {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The new member.
    pub user_id: UserId,
    /// The new member's role.
    pub role: Role,
    /// Who sent the invitation, if there was one.
    pub invited_by_user_id: Option<UserId>,
}

/// A user is no longer a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserLeftOrganization {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The former member.
    pub user_id: UserId,
    /// Why.
    pub reason: LeaveReason,
}

/// Why a membership ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeaveReason {
    /// The member left.
    Left,
    /// The member was removed.
    Removed,
    /// The organization was deleted.
    OrgDeleted,
}

/// A member created a token, with which programs act within the member's permissions. The event
/// carries the last four characters of the secret, so that the member recognizes the token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenCreated {
    /// The organization that it is restricted to.
    pub organization_id: OrganizationId,
    /// The member.
    pub user_id: UserId,
    /// The token.
    pub token_id: TokenId,
    /// Its name.
    pub name: Name,
    /// The last four characters of its secret.
    pub last_four: String,
}

/// An active token was revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TokenRevoked {
    /// The organization that it was restricted to.
    pub organization_id: OrganizationId,
    /// The member.
    pub user_id: UserId,
    /// The token.
    pub token_id: TokenId,
    /// Its name.
    pub name: Name,
    /// The last four characters of its secret.
    pub last_four: String,
    /// Why.
    pub cause: TokenRevocationReason,
}

/// Why a token was revoked before its expiry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TokenRevocationReason {
    /// The member revoked it.
    Revoked,
    /// The member left or was removed.
    MembershipEnded,
    /// The user changed the password.
    PasswordChanged,
    /// An operator reset the password.
    PasswordReset,
    /// An operator disabled the account.
    UserDisabled,
}

/// An invitation was sent, or a link was created. The event does not carry the address, which
/// listeners don't need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvitationSent {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The invitation.
    pub invitation_id: InvitationId,
    /// The role that it grants.
    pub role: Role,
    /// Who sent it.
    pub invited_by_user_id: UserId,
}

/// An invitation got a new secret; the old one is invalid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvitationResent {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The invitation.
    pub invitation_id: InvitationId,
    /// Who sent it this time.
    pub invited_by_user_id: UserId,
}

/// An invitation was withdrawn, or replaced by another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvitationRevoked {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The invitation.
    pub invitation_id: InvitationId,
}

/// A user joined by an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvitationAccepted {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The invitation.
    pub invitation_id: InvitationId,
    /// The new member.
    pub user_id: UserId,
}

/// The owner of the address declined an invitation to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvitationDeclined {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The invitation.
    pub invitation_id: InvitationId,
    /// The invited user.
    pub user_id: UserId,
}

/// An operator disabled an organization; its data is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrganizationDisabled {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Why, as the operator wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// An operator enabled an organization again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrganizationEnabled {
    /// The organization.
    pub organization_id: OrganizationId,
}

/// The deletion of an organization started: it is closed for good, and its rows are being erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrganizationDeletionStarted {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Its former slug.
    pub slug: Slug,
}

/// An organization is deleted: its last row is erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrganizationDeleted {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Its former slug.
    pub slug: Slug,
}

/// Settings of an organization were changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettingsChanged {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Their keys, as `section.key`. The values are confidential and not part of the event.
    pub keys: Vec<String>,
}

/// An operator changed the quotas of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LimitsChanged {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The maximum number of members; `None` for no limit.
    pub seats: Option<u32>,
    /// The maximum number of projects; `None` for no limit.
    pub projects: Option<u32>,
}

/// An operator viewed data of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OperatorViewed {
    /// The organization.
    pub organization_id: OrganizationId,
    /// What was viewed.
    pub at: ViewedResource,
    /// How many of its members were shown.
    pub members: u32,
}

/// What an operator viewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ViewedResource {
    /// The organization: its name, status and quotas.
    Organization,
    /// Its members.
    Members,
    /// Accounts, across organizations.
    Accounts,
    /// The usage report.
    Report,
    /// Rows that another module lets operators look at.
    Rows,
}

/// An operator viewed the report on all organizations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportViewed {
    /// The operator.
    pub user_id: UserId,
    /// How many organizations were shown.
    pub organizations: u32,
}

/// A member's role changed. The envelope's actor made the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberRoleChanged {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The member.
    pub user_id: UserId,
    /// The former role.
    pub old_role: Role,
    /// The new role.
    pub new_role: Role,
}

/// An owner transferred the ownership to another member and became an admin. It stands for both
/// role changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OwnershipTransferred {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The former owner.
    pub from_user_id: UserId,
    /// The new owner.
    pub to_user_id: UserId,
    /// The new owner's former role.
    pub to_user_was: Role,
}

/// An operator disabled a member's account. The membership remains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberSuspended {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The member.
    pub user_id: UserId,
}

/// An operator enabled a member's account again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberReinstated {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The member.
    pub user_id: UserId,
}

/// An operator disabled the account of the only active owner. The organization keeps its data, and
/// an operator can give it another owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OwnerLost {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The owner.
    pub user_id: UserId,
}

/// What concerns the organizations of some accounts is recorded in the first of them; the others are
/// due. One transaction writes to a few organizations only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EntriesDue {
    /// The operator who viewed the accounts, or the account that changed.
    pub user_id: UserId,
    /// The accounts whose organizations it concerns.
    pub accounts: Vec<UserId>,
    /// What their organizations record.
    pub entry: DueEntry,
    /// Organizations up to this one, in the order of their ids, have recorded it.
    pub after: OrganizationId,
}

/// What the organizations of an account record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DueEntry {
    /// [`OperatorViewed`]: an operator viewed the account.
    Viewed,
    /// [`MemberSuspended`]: the account was disabled.
    Suspended,
    /// [`MemberReinstated`]: the account was enabled.
    Reinstated,
}

organization_events! {
    EVENTS:
    Change 1 OrganizationCreated = "organizations.organization_created";
    Change 1 OrganizationRenamed = "organizations.organization_renamed";
    Change 1 UserJoinedOrganization = "organizations.member_joined";
    Change 1 UserLeftOrganization = "organizations.member_left";
    Change 1 TokenCreated = "organizations.token_created";
    Change 2 TokenRevoked = "organizations.token_revoked";
    Change 1 InvitationSent = "organizations.invitation_sent";
    Change 1 InvitationResent = "organizations.invitation_resent";
    Change 1 InvitationRevoked = "organizations.invitation_revoked";
    Change 1 InvitationAccepted = "organizations.invitation_accepted";
    Change 1 InvitationDeclined = "organizations.invitation_declined";
    Change 2 OrganizationDisabled = "organizations.organization_disabled";
    Change 1 OrganizationEnabled = "organizations.organization_enabled";
    Change 1 OrganizationDeletionStarted = "organizations.deletion_began";
    Change 1 OrganizationDeleted = "organizations.organization_deleted";
    Change 1 SettingsChanged = "organizations.settings_changed";
    Change 1 LimitsChanged = "organizations.limits_changed";
    Access 2 OperatorViewed = "organizations.operator_looked";
    Change 1 MemberSuspended = "organizations.member_suspended";
    Change 1 MemberReinstated = "organizations.member_reinstated";
    Change 1 MemberRoleChanged = "organizations.member_role_changed";
    Change 1 OwnerLost = "organizations.owner_lost";
    Change 1 OwnershipTransferred = "organizations.ownership_transferred";
}

super::users::account_events! {
    ACCOUNT_EVENTS:
    Access 1 ReportViewed = "organizations.report_viewed";
    Change 1 EntriesDue = "organizations.entries_due";
}
