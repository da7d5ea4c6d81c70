//! Sessions as their owner sees them.

use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    clock::Timestamp,
    id::SessionId,
    value::{InvalidText, parse_line},
};

const USER_AGENT_MAX: usize = 255;

/// One of a person's sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Session {
    /// The session's id.
    pub id: SessionId,
    /// The program that it was begun with.
    pub user_agent: Option<UserAgent>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was last known to be in use; not every request is noted.
    pub last_seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
}

tenantry_core::text_value!(
    /// What a program says it is, as far as 255 characters say it.
    UserAgent,
    parse_user_agent,
    { "minLength": 1, "maxLength": USER_AGENT_MAX }
);

fn parse_user_agent(text: &str) -> Result<String, InvalidText> {
    let start: String = text.trim().chars().take(USER_AGENT_MAX).collect();
    parse_line(&start, USER_AGENT_MAX)
        .ok_or(InvalidText("must be one line without control characters"))
}
