//! Tokens as their owner sees them.

use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    clock::Timestamp,
    id::{OrganizationId, TokenId},
    value::Name,
};

use super::{TokenSecret, secret::PREFIX};
use crate::entity::{api_token, live_token};

/// One of a person's tokens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Token {
    /// The token's id.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: Name,
    /// The organization that it is bound to.
    pub organization_id: OrganizationId,
    /// How its secret begins, as every one does.
    pub prefix: &'static str,
    /// How its secret ends.
    pub last_four: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself; never, where there is no time.
    pub expires_at: Option<Timestamp>,
    /// When it was last known to be used; not every request is noted.
    pub last_used_at: Option<Timestamp>,
}

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What its owner calls it.
    pub name: Name,
    /// The organization to bind it to.
    pub organization: OrganizationId,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// A token that was made just now, with its secret, which nobody sees again.
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
