//! What happens to accounts.

use serde::{Deserialize, Serialize};
use tenantry_core::{
    clock::Timestamp,
    event::{DomainEvent, EventInfo, EventKind},
    id::{OrganizationId, SessionId, UserId},
};

/// Declares events that happen in no organization: the kind and the version of each, and its wire
/// name.
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

/// An account was made, by signing up or by an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRegistered {
    /// The new account.
    pub user_id: UserId,
}

/// A person signed in and got a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserSignedIn {
    /// The account.
    pub user_id: UserId,
}

/// Somebody wanted to be let in as this person and was not, once or several times in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInFailed {
    /// The account.
    pub user_id: UserId,
    /// Why not.
    pub reason: SignInFailure,
    /// How often.
    pub times: u32,
    /// When for the first time of these.
    pub first_at: Timestamp,
    /// When for the last time of these. The envelope's request is that one.
    pub last_at: Timestamp,
}

/// Why somebody was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInFailure {
    /// The password was wrong, or not right any more.
    WrongPassword,
    /// Somebody who was signed in wanted to change the password, and named another one as his own.
    WrongCurrentPassword,
    /// The account is locked out. Whether the password was right is not known.
    Disabled,
}

/// A member was refused because his role does not allow what he asked for, once or several times
/// in a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionDenied {
    /// The member.
    pub user_id: UserId,
    /// Where.
    pub organization: OrganizationId,
    /// The code of the permission.
    pub permission: String,
    /// How often.
    pub times: u32,
    /// When for the first time of these.
    pub first_at: Timestamp,
    /// When for the last time of these. The envelope's request is that one.
    pub last_at: Timestamp,
}

/// A person changed his name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRenamed {
    /// The account.
    pub user_id: UserId,
}

/// A person changed his password; his other sessions ended with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordChanged {
    /// The account.
    pub user_id: UserId,
}

/// A person ended one of his sessions, by signing out or from the list of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEnded {
    /// The account.
    pub user_id: UserId,
    /// The session.
    pub session_id: SessionId,
}

/// An operator gave a person another password; all his sessions and tokens ended with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasswordReset {
    /// The account.
    pub user_id: UserId,
}

/// A person may not sign in any more; all his sessions and tokens ended with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDisabled {
    /// The account.
    pub user_id: UserId,
}

/// A person may sign in again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserEnabled {
    /// The account.
    pub user_id: UserId,
}

/// What a person may do as an operator was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserFlagsChanged {
    /// The account.
    pub user_id: UserId,
    /// Whether he is an operator now.
    pub is_staff: bool,
    /// Whether he is one who may do everything that operators may.
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
    Change 1 PasswordReset = "users.password_reset";
    Change 1 UserDisabled = "users.user_disabled";
    Change 1 UserEnabled = "users.user_enabled";
    Change 1 UserFlagsChanged = "users.flags_changed";
}

pub(crate) use account_events;
