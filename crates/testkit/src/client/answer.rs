//! An answer, read to its end.

use std::fmt;

use reqwest::header::HeaderMap;
use serde_json::Value;

/// What the server said.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// The body, as it came.
    pub body: Vec<u8>,
    pub(super) asked: String,
}

impl Answer {
    /// An answer that no server gave.
    #[must_use]
    pub const fn new(status: u16, headers: HeaderMap, body: Vec<u8>) -> Self {
        Self {
            status,
            headers,
            body,
            asked: String::new(),
        }
    }

    /// The answer itself, when its status is the expected one.
    ///
    /// # Panics
    /// With the whole answer, when it is not.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert!(self.status == status, "expected {status}, got {self}");
        self
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// With the whole answer, when it is not JSON.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {self}"))
    }

    /// The code of a problem.
    ///
    /// # Panics
    /// With the whole answer, when it is no problem.
    #[track_caller]
    #[must_use]
    pub fn problem_code(&self) -> String {
        let declared = self.header("content-type");
        assert_eq!(declared, Some("application/problem+json"), "{self}");
        match &self.json()["code"] {
            Value::String(code) => code.clone(),
            _ => panic!("a problem without a code: {self}"),
        }
    }

    /// The first header of that name, if it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body without the value of its `request_id`: two answers that should tell a caller
    /// the same are equal in it, byte for byte.
    #[must_use]
    pub fn stable_body(&self) -> String {
        let text = String::from_utf8_lossy(&self.body).into_owned();
        let parsed = serde_json::from_slice::<Value>(&self.body).unwrap_or_default();
        match parsed["request_id"].as_str() {
            Some(id) if !id.is_empty() => text.replace(id, ""),
            _ => text,
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} to {}", self.status, self.asked)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {}", String::from_utf8_lossy(value.as_bytes()))?;
        }
        write!(f, "\n{}", String::from_utf8_lossy(&self.body))
    }
}
