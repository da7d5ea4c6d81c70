//! What happens to organizations and their members.

use serde::{Deserialize, Serialize};
use tenantry_core::{
    access::Role,
    event::{DomainEvent, EventInfo, EventKind},
    id::{InvitationId, OrganizationId, TokenId, UserId},
    value::{Name, Slug},
};

/// An organization was made; its first owner joined in the same transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationCreated {
    /// The new organization.
    pub organization_id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// Its first owner.
    pub created_by_user_id: UserId,
}

/// An organization got another name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationRenamed {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Its new name.
    pub name: Name,
}

/// A person became a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserJoinedOrganization {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The new member.
    pub user_id: UserId,
    /// The role he joined with.
    pub role: Role,
    /// Who invited him, if somebody did.
    pub invited_by_user_id: Option<UserId>,
}

/// A person is a member no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserLeftOrganization {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The former member.
    pub user_id: UserId,
    /// How it came about.
    pub reason: LeaveReason,
}

/// Why a membership ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeaveReason {
    /// He left.
    Left,
    /// He was removed.
    Removed,
    /// The organization was deleted.
    OrgDeleted,
}

/// A member made a token, with which programs act as he may. Of its secret, the last four
/// characters are told, by which he recognizes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenCreated {
    /// The organization that it is bound to.
    pub organization_id: OrganizationId,
    /// The member.
    pub user_id: UserId,
    /// The token.
    pub token_id: TokenId,
    /// What he calls it.
    pub name: Name,
    /// How its secret ends.
    pub last_four: String,
}

/// A token that was worth something is worth nothing any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRevoked {
    /// The organization that it was bound to.
    pub organization_id: OrganizationId,
    /// The member.
    pub user_id: UserId,
    /// The token.
    pub token_id: TokenId,
    /// What he called it.
    pub name: Name,
    /// How its secret ended.
    pub last_four: String,
    /// How it came about.
    pub cause: TokenRevocationReason,
}

/// Why a token ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenRevocationReason {
    /// The member ended it.
    Revoked,
    /// He left, or was removed.
    MembershipEnded,
    /// He changed his password.
    PasswordChanged,
    /// An operator gave him another password.
    PasswordReset,
    /// An operator locked him out.
    UserDisabled,
}

/// Somebody was invited, or a link was made. Whom it is for is not told: an address is no state
/// that others need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationSent {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The invitation.
    pub invitation_id: InvitationId,
    /// What whoever accepts it becomes.
    pub role: Role,
    /// Who sent it.
    pub invited_by_user_id: UserId,
}

/// An invitation got a new secret; the old one is worth nothing any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationResent {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The invitation.
    pub invitation_id: InvitationId,
    /// Who sent it this time.
    pub invited_by_user_id: UserId,
}

/// An invitation was withdrawn, or replaced by another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationRevoked {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The invitation.
    pub invitation_id: InvitationId,
}

/// A person joined by an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationAccepted {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The invitation.
    pub invitation_id: InvitationId,
    /// The new member.
    pub user_id: UserId,
}

/// An operator closed an organization; its data stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationDisabled {
    /// The organization.
    pub organization_id: OrganizationId,
}

/// An operator opened an organization again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationEnabled {
    /// The organization.
    pub organization_id: OrganizationId,
}

/// Somebody ended an organization: it is closed for good, and its rows are being erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationDeletionStarted {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The slug it had.
    pub slug: Slug,
}

/// The last row of an organization is erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationDeleted {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The slug it had.
    pub slug: Slug,
}

/// Settings of an organization were changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsChanged {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Which ones, as `section.key`. What they hold is nobody else's.
    pub keys: Vec<String>,
}

/// An operator changed how much an organization may have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitsChanged {
    /// The organization.
    pub organization_id: OrganizationId,
    /// How many members it may have now; nothing for any number.
    pub seats: Option<u32>,
    /// How many projects it may have now; nothing for any number.
    pub projects: Option<u32>,
}

/// An operator was shown something of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorViewed {
    /// The organization.
    pub organization_id: OrganizationId,
    /// What he looked at.
    pub at: ViewedResource,
    /// How many of its members he was shown.
    pub members: u32,
}

/// What an operator looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewedResource {
    /// The organization: its name, whether it is active, its limits.
    Organization,
    /// Members.
    Members,
    /// Accounts, whatever organizations they belong to.
    Accounts,
    /// The report: how much it is used.
    Report,
}

/// An operator read the report on all organizations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportViewed {
    /// The operator.
    pub user_id: UserId,
    /// How many organizations he was shown.
    pub organizations: u32,
}

/// A member has another role. Who gave it to him is the actor of the envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRoleChanged {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The member.
    pub user_id: UserId,
    /// What he was.
    pub old_role: Role,
    /// What he is.
    pub new_role: Role,
}

/// An owner made another member owner in his place and is admin now. It stands for both changes
/// of role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnershipTransferred {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The former owner.
    pub from_user_id: UserId,
    /// The new one.
    pub to_user_id: UserId,
    /// What the new one was before.
    pub to_user_was: Role,
}

/// An operator locked a member out of his account. He is a member still.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberSuspended {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The member.
    pub user_id: UserId,
}

/// An operator let a member in again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberReinstated {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The member.
    pub user_id: UserId,
}

/// Declares events that happen in the organization that they name: the kind and the version of
/// each, and its wire name.
macro_rules! organization_events {
    ($list:ident: $($kind:ident $version:literal $event:ty = $name:literal;)+) => {
        /// These events, as values.
        pub const $list: &[EventInfo] = &[$(EventInfo::of::<$event>()),+];

        $(impl DomainEvent for $event {
            const NAME: &'static str = $name;
            const VERSION: u16 = $version;
            const KIND: EventKind = EventKind::$kind;

            type Stream = OrganizationId;

            fn stream(&self) -> OrganizationId {
                self.organization_id
            }
        })+
    };
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
    Change 1 OrganizationDisabled = "organizations.organization_disabled";
    Change 1 OrganizationEnabled = "organizations.organization_enabled";
    Change 1 OrganizationDeletionStarted = "organizations.deletion_began";
    Change 1 OrganizationDeleted = "organizations.organization_deleted";
    Change 1 SettingsChanged = "organizations.settings_changed";
    Change 1 LimitsChanged = "organizations.limits_changed";
    Access 2 OperatorViewed = "organizations.operator_looked";
    Change 1 MemberSuspended = "organizations.member_suspended";
    Change 1 MemberReinstated = "organizations.member_reinstated";
    Change 1 MemberRoleChanged = "organizations.member_role_changed";
    Change 1 OwnershipTransferred = "organizations.ownership_transferred";
}

super::users::account_events! {
    ACCOUNT_EVENTS:
    Access 1 ReportViewed = "organizations.report_viewed";
}

pub(crate) use organization_events;
