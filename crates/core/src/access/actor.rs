//! On whose behalf something happens.

use std::sync::Arc;

use crate::id::{TokenId, UserId, Uuid};

/// On whose behalf something happens, and how; recorded with every event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// The user; `None` when the system acts.
    pub user: Option<UserId>,
    /// The request that caused it.
    pub request: Option<Uuid>,
    /// With which right.
    pub by: ActedBy,
    /// The user's name and address when the event was recorded that a listener reacts to; `None` for
    /// the present ones.
    pub identity: Option<Arc<Identity>>,
}

/// With which right an actor acts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ActedBy {
    /// With a session.
    Session,
    /// With a token.
    Token {
        /// The token.
        id: TokenId,
        /// Its name.
        name: Option<Arc<str>>,
    },
    /// With a session, as an operator of the deployment.
    Operator,
    /// On the command line of the server.
    CommandLine,
    /// The program itself, or a client without an account.
    #[default]
    System,
}

impl ActedBy {
    /// Its name in the log.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Token { .. } => "token",
            Self::Operator => "operator",
            Self::CommandLine => "command_line",
            Self::System => "system",
        }
    }
}

/// The name and the address of a user, as they were at some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
}

impl From<&Self> for Actor {
    fn from(actor: &Self) -> Self {
        actor.clone()
    }
}

impl Actor {
    /// The system: a background task, a client without an account.
    #[must_use]
    pub const fn system() -> Self {
        Self {
            user: None,
            request: None,
            by: ActedBy::System,
            identity: None,
        }
    }

    /// The command line of the server, whose user is not known.
    #[must_use]
    pub const fn command_line() -> Self {
        Self {
            user: None,
            request: None,
            by: ActedBy::CommandLine,
            identity: None,
        }
    }
}
