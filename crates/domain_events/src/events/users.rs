//! Events of accounts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tenantry_core::{
    clock::Timestamp,
    event::{DomainEvent, EventInfo, EventKind},
    id::{OrganizationId, PasskeyId, SessionId, UserId},
};

/// Declares events outside of organizations: the kind, the version and the wire name of each.
macro_rules! account_events {
    ($list:ident: $($kind:ident $version:literal $event:ty = $name:literal;)+) => {
        /// These events, as values.
        pub const $list: &[EventInfo] = &[$(EventInfo::of::<$event>()),+];

        $(impl DomainEvent for $event {
            const NAME: &'static str = $name;
            const VERSION: u16 = $version;
            const KIND: EventKind = EventKind::$kind;

            type Stream = UserId;

            fn stream(&self) -> UserId {
                self.user_id
            }
        })+
    };
}

/// An account was created, by signing up or by an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserRegistered {
    /// The new account.
    pub user_id: UserId,
}

/// A user signed in and got a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserSignedIn {
    /// The account.
    pub user_id: UserId,
}

/// Sign-ins to this account failed, once or several times in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignInFailed {
    /// The account.
    pub user_id: UserId,
    /// Why.
    pub reason: SignInFailure,
    /// How often.
    pub times: u32,
    /// The time of the first failure.
    pub first_at: Timestamp,
    /// The time of the last failure. The envelope names its request.
    pub last_at: Timestamp,
}

/// Why a sign-in failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignInFailure {
    /// The password was wrong, or was changed during the sign-in.
    WrongPassword,
    /// A signed-in user gave a wrong current password for a change of password.
    WrongCurrentPassword,
    /// The code of the second factor was wrong, after the right password or in a session.
    WrongSecondFactor,
    /// A passkey of the account was refused: its signature or the page was wrong, or the request came
    /// twice.
    PasskeyRefused,
    /// The account is disabled. Whether the password was right is not recorded.
    Disabled,
}

/// A member was denied a permission that the role lacks, once or several times in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PermissionDenied {
    /// The member.
    pub user_id: UserId,
    /// The organization.
    pub organization: OrganizationId,
    /// The code of the permission.
    pub permission: String,
    /// How often.
    pub times: u32,
    /// The time of the first failure.
    pub first_at: Timestamp,
    /// The time of the last failure. The envelope names its request.
    pub last_at: Timestamp,
}

/// A user changed the account's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserRenamed {
    /// The account.
    pub user_id: UserId,
}

/// A user changed the password; all other sessions ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasswordChanged {
    /// The account.
    pub user_id: UserId,
}

/// A user ended a session, by signing out or from the list of sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionEnded {
    /// The account.
    pub user_id: UserId,
    /// The session.
    pub session_id: SessionId,
}

/// An operator ended all sessions of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AllSessionsEnded {
    /// The account.
    pub user_id: UserId,
}

/// A password was reset, by an operator or with a mailed link; all sessions and tokens of the account
/// ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasswordReset {
    /// The account.
    pub user_id: UserId,
}

/// An operator had a link mailed that resets the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasswordResetSent {
    /// The account.
    pub user_id: UserId,
}

/// The owner of an account's address followed a link that was mailed to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmailVerified {
    /// The account.
    pub user_id: UserId,
}

/// A user asked for another address, which is the account's once the link is followed that was mailed
/// to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmailChangeRequested {
    /// The account.
    pub user_id: UserId,
}

/// The address of an account changed; all sessions ended but the one that asked for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EmailChanged {
    /// The account.
    pub user_id: UserId,
}

/// A kind of second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    /// An authenticator app.
    Totp,
    /// A passkey.
    Passkey,
}

/// A user set up a second factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecondFactorAdded {
    /// The account.
    pub user_id: UserId,
    /// Its kind.
    pub factor: FactorKind,
}

/// A user removed a second factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecondFactorRemoved {
    /// The account.
    pub user_id: UserId,
    /// Its kind.
    pub factor: FactorKind,
}

/// A passkey was used whose authenticator counts and did not count up: perhaps there is a copy of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PasskeyMaybeCloned {
    /// The account.
    pub user_id: UserId,
    /// The passkey.
    pub passkey_id: PasskeyId,
}

/// An operator took all second factors of an account away; all its sessions ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecondFactorsReset {
    /// The account.
    pub user_id: UserId,
}

/// A recovery code was used in place of a second factor, and is of no use any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecoveryCodeUsed {
    /// The account.
    pub user_id: UserId,
}

/// A user got new recovery codes; earlier ones are of no use any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecoveryCodesRenewed {
    /// The account.
    pub user_id: UserId,
}

/// An operator disabled an account; all its sessions and tokens ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserDisabled {
    /// The account.
    pub user_id: UserId,
}

/// An operator enabled an account again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserEnabled {
    /// The account.
    pub user_id: UserId,
}

/// The operator flags of an account changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserFlagsChanged {
    /// The account.
    pub user_id: UserId,
    /// Whether the user is an operator now.
    pub is_staff: bool,
    /// Whether the user is a superuser now.
    pub is_superuser: bool,
}

account_events! {
    EVENTS:
    Change 1 UserRegistered = "users.user_registered";
    Access 1 UserSignedIn = "users.user_signed_in";
    Access 1 SignInFailed = "users.sign_in_failed";
    Access 1 PermissionDenied = "users.permission_refused";
    Change 1 UserRenamed = "users.user_renamed";
    Change 1 PasswordChanged = "users.password_changed";
    Change 1 SessionEnded = "users.session_ended";
    Change 1 AllSessionsEnded = "users.all_sessions_ended";
    Change 1 PasswordReset = "users.password_reset";
    Change 1 PasswordResetSent = "users.password_reset_sent";
    Change 1 EmailVerified = "users.email_verified";
    Change 1 EmailChangeRequested = "users.email_change_requested";
    Change 1 EmailChanged = "users.email_changed";
    Change 1 SecondFactorAdded = "users.second_factor_added";
    Change 1 SecondFactorRemoved = "users.second_factor_removed";
    Access 1 PasskeyMaybeCloned = "users.passkey_maybe_cloned";
    Change 1 SecondFactorsReset = "users.second_factor_reset";
    Change 1 RecoveryCodeUsed = "users.recovery_code_used";
    Change 1 RecoveryCodesRenewed = "users.recovery_codes_renewed";
    Change 1 UserDisabled = "users.user_disabled";
    Change 1 UserEnabled = "users.user_enabled";
    Change 1 UserFlagsChanged = "users.flags_changed";
}

pub(crate) use account_events;
