//! What happens to accounts.

use serde::{Deserialize, Serialize};
use tenantry_core::{
    event::DomainEvent,
    id::{SessionId, UserId},
};

/// Declares events that happen in no organization.
macro_rules! account_events {
    ($($event:ty = $name:literal;)+) => {
        $(impl DomainEvent for $event {
            const NAME: &'static str = $name;
            const VERSION: u16 = 1;

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
    UserRegistered = "users.user_registered";
    UserSignedIn = "users.user_signed_in";
    UserRenamed = "users.user_renamed";
    PasswordChanged = "users.password_changed";
    SessionEnded = "users.session_ended";
    PasswordReset = "users.password_reset";
    UserDisabled = "users.user_disabled";
    UserEnabled = "users.user_enabled";
    UserFlagsChanged = "users.flags_changed";
}
