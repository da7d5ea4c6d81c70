//! Accounts, and what is done with them.

use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    access::Actor,
    clock::Timestamp,
    id::{UserId, Uuid},
    value::Name,
};

use crate::{Email, Password, PasswordInput, SessionKey, UserAgent, store::users};

/// A person's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct User {
    /// The account's id.
    pub id: UserId,
    /// The address, which no other account has.
    pub email: Email,
    /// The person's name.
    pub name: Name,
    /// Whether he may do what only superusers may.
    pub is_superuser: bool,
    /// Whether he is an operator.
    pub is_staff: bool,
    /// Whether he may sign in at all.
    pub is_active: bool,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The address.
    pub email: Email,
    /// The person's name.
    pub name: Name,
    /// The first password.
    pub password: Password,
}

/// An account that is ready to be made: its password is hashed already.
pub struct PreparedAccount(pub(crate) users::Model);

impl PreparedAccount {
    /// The id that the account will have.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.0.id
    }
}

/// Which accounts an operator looks for.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// Part of the name or of the address.
    pub text: Option<String>,
    /// Those who may sign in, or those who may not.
    pub is_active: Option<bool>,
}

/// What the command line can make of an account, and nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OperatorFlags {
    /// An operator.
    pub is_staff: bool,
    /// An operator who may do everything that operators may.
    pub is_superuser: bool,
}

/// What somebody says to be let in.
#[derive(Clone, Debug)]
pub struct Login {
    /// The address.
    pub email: Email,
    /// The password he says it is.
    pub password: PasswordInput,
}

/// What somebody says to get another password.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    /// The password he says it is now.
    pub current: PasswordInput,
    /// The one to be.
    pub new: Password,
}

/// What is known of somebody before he has signed in.
#[derive(Clone, Debug, Default)]
pub struct ClientInfo {
    /// The request that he makes.
    pub request: Option<Uuid>,
    /// The program that he uses.
    pub user_agent: Option<UserAgent>,
}

impl ClientInfo {
    /// The visitor, now that it is known who he is.
    #[must_use]
    pub const fn as_user(&self, user: UserId) -> Actor {
        Actor {
            user: Some(user),
            request: self.request,
        }
    }
}

/// Somebody who was let in.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// His account.
    pub user: User,
    /// The key of the session that was made for him.
    pub key: SessionKey,
}
