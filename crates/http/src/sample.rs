//! A call of a route that succeeds, as the route declares it.

use serde_json::Value;

/// A call of a route that succeeds: the example of the OpenAPI document, and what the tests send as
/// every kind of caller.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sample {
    /// The body; `None` for a route without one.
    pub body: Option<fn(&SampleValues) -> Value>,
    /// The collection, such as `/api/projects`, whose resources [`SampleValues::ids`] identify;
    /// `None` if the body holds no ids.
    pub body_ids: Option<&'static str>,
    /// The wire names of the events that the call records: all of these, and no others. `None` if the
    /// route does not declare them.
    pub records: Option<&'static [&'static str]>,
}

/// The values of a sample's body.
#[derive(Clone, Debug)]
pub struct SampleValues {
    /// A name or another text.
    pub text: String,
    /// The caller's email address.
    pub email: String,
    /// The caller's password.
    pub password: String,
    /// A code of the caller's second factor.
    pub code: String,
    /// A number that no other call of this sample has.
    pub number: usize,
    /// The ids or secrets of what the body refers to; at least one where it refers to something.
    pub ids: Vec<String>,
}

impl SampleValues {
    /// A text that no other call of this sample has, so that each changes something.
    #[must_use]
    pub fn another_text(&self) -> String {
        format!("{} {}", self.text, self.number)
    }

    /// The values of the OpenAPI document.
    pub(crate) fn example() -> Self {
        Self {
            text: "Example".to_owned(),
            email: "ada@example.com".to_owned(),
            password: "correct horse battery".to_owned(),
            code: "123456".to_owned(),
            number: 1,
            ids: vec!["0197d2a6-5c1e-7d33-9a3c-2f6f0f3b8a10".to_owned()],
        }
    }
}
