//! Accounts, and the inputs and outputs of the service.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    access::{ActedBy, Actor},
    clock::Timestamp,
    event::Client,
    id::{UserId, Uuid},
    value::Name,
};

use crate::{Email, Password, PasswordInput, SessionKey, UserAgent};

/// A person's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct User {
    /// The account's id.
    pub id: UserId,
    /// The address, unique among accounts.
    pub email: Email,
    /// Whether the person confirmed that the address is theirs.
    pub email_verified: bool,
    /// Whether a login asks for a second factor.
    pub has_second_factor: bool,
    /// The person's name.
    pub name: Name,
    /// Whether the person is a superuser.
    pub is_superuser: bool,
    /// Whether the person is an operator.
    pub is_staff: bool,
    /// Whether the person may sign in.
    pub is_active: bool,
    /// When the account was created.
    pub created_at: Timestamp,
}

/// An account to create.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The address.
    pub email: Email,
    /// The person's name.
    pub name: Name,
    /// The first password.
    pub password: Password,
}

/// Which accounts an operator searches for.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// Part of the name or of the address.
    pub text: Option<String>,
    /// Only active accounts, or only disabled ones.
    pub is_active: Option<bool>,
    /// Only operators, or only other people.
    pub is_operator: Option<bool>,
}

/// The operator flags of an account. Only the command line sets them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OperatorFlags {
    /// An operator.
    pub is_staff: bool,
    /// An operator with every operator right.
    pub is_superuser: bool,
}

/// The credentials of a sign-in.
#[derive(Clone, Debug)]
pub struct Login {
    /// The address.
    pub email: Email,
    /// The password to check.
    pub password: PasswordInput,
}

/// A change of the caller's password.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    /// The current password, to check.
    pub current: PasswordInput,
    /// The new password.
    pub new: Password,
}

/// What is known of a client before it signs in.
#[derive(Clone, Debug, Default)]
pub struct ClientInfo {
    /// The request's id.
    pub request: Option<Uuid>,
    /// The client's user agent.
    pub user_agent: Option<UserAgent>,
    /// The client's address.
    pub address: Option<IpAddr>,
}

impl ClientInfo {
    /// The actor, once the user is known.
    #[must_use]
    pub const fn as_user(&self, user: UserId) -> Actor {
        Actor {
            user: Some(user),
            request: self.request,
            by: ActedBy::Session,
            identity: None,
        }
    }

    /// The client as the activity log shows it; `None` if nothing is known of it.
    #[must_use]
    pub fn client(&self) -> Option<Client> {
        let client = Client {
            address: self.address.map(|address| address.to_string()),
            program: self.user_agent.as_ref().map(ToString::to_string),
        };
        (client.address.is_some() || client.program.is_some()).then_some(client)
    }
}

/// A user who signed in.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The account.
    pub user: User,
    /// The key of the new session.
    pub key: SessionKey,
}
