//! What a listener's effects carry of an event's actor.

use std::sync::Arc;

use sea_orm::QueryResult;

use crate::{
    access::{ActedBy, Identity},
    db::DbError,
    event::Details,
    id::TokenId,
};

/// What a listener's effects carry of the event's actor.
pub(super) fn details(row: &QueryResult) -> Result<Details, DbError> {
    let by: Option<String> = row.try_get("", "acted_by")?;
    let token: Option<TokenId> = row.try_get("", "token_id")?;
    let by = match (by.as_deref(), token) {
        (Some("session"), _) => Some(ActedBy::Session),
        (Some("token"), Some(id)) => {
            let name: Option<String> = row.try_get("", "token_name")?;
            let name = name.map(Into::into);
            Some(ActedBy::Token { id, name })
        }
        (Some("operator"), _) => Some(ActedBy::Operator),
        (Some("command_line"), _) => Some(ActedBy::CommandLine),
        (Some("system"), _) => Some(ActedBy::System),
        _ => None,
    };
    let name: Option<String> = row.try_get("", "actor_name")?;
    let email: Option<String> = row.try_get("", "actor_email")?;
    let identity = name.zip(email);
    Ok(Details {
        by,
        identity: identity.map(|(name, email)| Arc::new(Identity { name, email })),
        ..Details::default()
    })
}
