//! A session as its owner sees it.

use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    clock::Timestamp,
    id::SessionId,
    value::{InvalidText, parse_line},
};

const USER_AGENT_MAX: usize = 255;

/// One of a user's sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Session {
    /// The session's id.
    pub id: SessionId,
    /// The user agent that created it.
    pub user_agent: Option<UserAgent>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last seen in use; not every request updates it.
    pub last_seen_at: Timestamp,
    /// When it expires at the latest.
    pub expires_at: Timestamp,
    /// Whether it is the session of this request.
    pub current: bool,
}

tenantry_core::text_value!(
    /// A client's user agent, truncated to 255 characters.
    UserAgent,
    parse_user_agent,
    // Earlier versions accepted what is not legible.
    stored: Ok,
    { "minLength": 1, "maxLength": USER_AGENT_MAX }
);

fn parse_user_agent(text: &str) -> Result<String, InvalidText> {
    let start: String = text.trim().chars().take(USER_AGENT_MAX).collect();
    parse_line(&start, USER_AGENT_MAX)
        .ok_or(InvalidText("must be one line without control characters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_user_agent_of_an_earlier_rule_is_read() {
        let stored: UserAgent = serde_json::from_str("\"a\u{200d}b\"").expect("kept");
        assert_eq!(stored.as_str(), "a\u{200d}b");
        assert!("a\u{200d}b".parse::<UserAgent>().is_err());
    }
}
