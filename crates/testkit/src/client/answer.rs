//! A response, read to its end.

use std::fmt;

use reqwest::header::HeaderMap;
use serde_json::Value;

/// A response of the server.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    pub(super) request: String,
}

impl Answer {
    /// A response that did not come from a server.
    #[must_use]
    pub const fn new(status: u16, headers: HeaderMap, body: Vec<u8>) -> Self {
        Self {
            status,
            headers,
            body,
            request: String::new(),
        }
    }

    /// Returns the response if it has the expected status.
    ///
    /// # Panics
    /// With the whole response, when it has another one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert!(self.status == status, "expected {status}, got {self}");
        self
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// With the whole response, when it is not JSON.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {self}"))
    }

    /// The code of a problem.
    ///
    /// # Panics
    /// With the whole response, when it is not a problem.
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

    /// The body without the value of its `request_id`, for comparing two responses byte by byte.
    #[must_use]
    pub fn stable_body(&self) -> String {
        let text = String::from_utf8_lossy(&self.body).into_owned();
        let parsed = serde_json::from_slice::<Value>(&self.body).unwrap_or_default();
        let id = parsed["request_id"]
            .as_str()
            .or_else(|| self.header("x-request-id"));
        match id {
            Some(id) if !id.is_empty() => text.replace(id, ""),
            _ => text,
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} to {}", self.status, self.request)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {}", String::from_utf8_lossy(value.as_bytes()))?;
        }
        write!(f, "\n{}", String::from_utf8_lossy(&self.body))
    }
}
