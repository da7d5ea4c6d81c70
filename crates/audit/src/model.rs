//! An entry of the audit log.

use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    clock::Timestamp,
    event::Changes,
    id::{EventId, TokenId, UserId, Uuid},
};

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Entry")]
pub struct AuditEntry {
    /// The event's id.
    pub id: EventId,
    /// The event's wire name.
    pub action: String,
    /// Who did it; null when the system acted.
    pub actor: Option<UserId>,
    /// The actor's name at that time.
    pub actor_name: Option<String>,
    /// The actor's address at that time.
    pub actor_email: Option<String>,
    /// With which right the actor acted; null in entries of versions that did not record it.
    pub by: Option<ActedBy>,
    /// The token that acted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<ActingToken>,
    /// The client of a sign-in, in the log of a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<SignInClient>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The request that caused it.
    pub request_id: Option<Uuid>,
    /// What changed, by the names of the fields. Secrets are left out, and long texts shortened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// The event's payload: ids and state.
    pub data: serde_json::Value,
}

/// With which right an actor acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActedBy {
    /// With a session.
    Session,
    /// With a token.
    Token,
    /// With a session, as an operator of the deployment.
    Operator,
    /// On the command line of the server.
    CommandLine,
    /// The server itself, or a client without an account.
    System,
}

impl ActedBy {
    pub(crate) fn of(stored: &str) -> Option<Self> {
        Some(match stored {
            "session" => Self::Session,
            "token" => Self::Token,
            "operator" => Self::Operator,
            "command_line" => Self::CommandLine,
            "system" => Self::System,
            _ => return None,
        })
    }
}

/// A token that acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ActingToken {
    /// The token's id.
    pub id: TokenId,
    /// Its name.
    pub name: Option<String>,
}

/// The client of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SignInClient {
    /// The client's address.
    pub address: Option<String>,
    /// The client's program, as it names itself.
    pub program: Option<String>,
}
