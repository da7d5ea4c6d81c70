//! Tokens as their owner sees them.

use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    clock::Timestamp,
    id::{OrganizationId, TokenId},
    value::Name,
};

use super::secret::{PREFIX, TokenSecret};
use crate::entity::{api_token, live_token};

/// A token of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Token {
    /// The token's id.
    pub id: TokenId,
    /// Its name.
    pub name: Name,
    /// The organization that it is limited to.
    pub organization_id: OrganizationId,
    /// The beginning of its secret, the same for all tokens.
    pub prefix: &'static str,
    /// The end of its secret.
    pub last_four: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it expires; never if absent.
    pub expires_at: Option<Timestamp>,
    /// When it was last recorded as used; not every request is recorded.
    pub last_used_at: Option<Timestamp>,
}

/// A token to create.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Its name.
    pub name: Name,
    /// The organization that it is limited to.
    pub organization: OrganizationId,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
}

/// A new token with its secret, which is never shown again.
#[derive(Clone, Debug)]
pub struct IssuedToken {
    /// The token.
    pub token: Token,
    /// Its secret.
    pub secret: TokenSecret,
}

impl From<api_token::Model> for Token {
    fn from(row: api_token::Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            organization_id: row.organization_id,
            prefix: PREFIX,
            last_four: row.last_four,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
        }
    }
}

impl From<live_token::Model> for Token {
    fn from(row: live_token::Model) -> Self {
        Self {
            id: row.token_id,
            name: row.token_name,
            organization_id: row.organization_id,
            prefix: PREFIX,
            last_four: row.last_four,
            created_at: row.token_created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
        }
    }
}
