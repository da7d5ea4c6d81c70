//! Error responses: problem details (RFC 9457).

use std::{borrow::Cow, fmt, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, Responder, ResponseError,
    body::BoxBody,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use serde::Serialize;
use serde_json::{Map, Value};

use tenantry_core::input::InvalidField;

/// The media type of every error response.
const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

/// The maximum number of field errors in one response.
const MAX_ERRORS: usize = 50;

/// An error response as `application/problem+json`.
///
/// `type` is `urn:tenantry:problem:<code>`, which identifies and can't be fetched; clients branch on
/// `code`. `title` is the status in words, `detail` one sentence for people. `request_id` is set by [`edge::middleware`](super::edge::middleware).
///
/// A 401 has `WWW-Authenticate: Bearer realm="tenantry"` (there is no scheme for cookies), a 429 and
/// a 503 have `Retry-After: 1`.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: Cow<'static, str>,
    errors: Vec<InvalidField>,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem with a stable code and one sentence for people.
    #[must_use]
    pub fn new(
        status: StatusCode,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        let problem = Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            members: Map::new(),
            headers: Vec::new(),
        };
        match status {
            StatusCode::UNAUTHORIZED => problem.with_header(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"tenantry\""),
            ),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                problem.with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
            }
            _ => problem,
        }
    }

    /// Adds the invalid fields; of very many, the first ones.
    #[must_use]
    pub fn with_errors(mut self, mut errors: Vec<InvalidField>) -> Self {
        errors.truncate(MAX_ERRORS);
        self.errors = errors;
        self
    }

    /// Adds an extension member, such as the reasons why a server is not ready.
    #[must_use]
    pub fn with_member(mut self, name: &str, value: Value) -> Self {
        self.members.insert(name.to_owned(), value);
        self
    }

    /// Sets a header of the response.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value));
        self
    }

    /// Sets `Retry-After`, in whole seconds and at least one.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.with_header(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// One sentence for people.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The invalid fields.
    #[must_use]
    pub fn errors(&self) -> &[InvalidField] {
        &self.errors
    }

    /// The headers of the response, such as `Retry-After`.
    #[must_use]
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// The response, with the id of the request if it is known.
    ///
    /// The problem is stored in its extensions, so that the edge can render it again with the id.
    #[must_use]
    pub fn respond(&self, request_id: Option<&str>) -> HttpResponse {
        let mut builder = HttpResponse::build(self.status);
        builder.insert_header((header::CONTENT_TYPE, CONTENT_TYPE));
        for header in &self.headers {
            builder.insert_header(header.clone());
        }
        let mut response = builder.body(self.text(request_id));
        response.extensions_mut().insert(self.clone());
        response
    }

    /// The JSON document.
    pub(super) fn text(&self, request_id: Option<&str>) -> String {
        let text = serde_json::to_string(&Document {
            kind: format!("urn:tenantry:problem:{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: &self.detail,
            code: self.code,
            request_id,
            errors: &self.errors,
            members: &self.members,
        });
        text.expect("text, numbers and maps with text keys")
    }
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [InvalidField],
    #[serde(flatten)]
    members: &'a Map<String, Value>,
}

tenantry_core::value_schema!(Problem, {
    "type": "object",
    "description": "A refusal (RFC 9457). Clients branch on `code`.",
    "properties": {
        "type": {"type": "string", "pattern": "^urn:tenantry:problem:[a-z_]+$"},
        "title": {"type": "string", "description": "The status in words"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One sentence for people"},
        "code": {"type": "string", "pattern": "^[a-z_]+$", "description": "Stable"},
        "request_id": {"type": "string", "format": "uuid", "description": "As in X-Request-Id"},
        "errors": {
            "type": "array",
            "maxItems": MAX_ERRORS,
            "description": "The fields that are at fault",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string", "description": "A JSON pointer (RFC 6901)"},
                    "message": {"type": "string", "description": "The rule that it breaks"},
                },
                "required": ["pointer", "message"],
                "additionalProperties": false,
            },
        },
        "reasons": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Of `not_ready` alone: what is in the way",
        },
    },
    "required": ["type", "title", "status", "detail", "code", "request_id"],
});

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        self.respond(None)
    }
}

impl Responder for Problem {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse<BoxBody> {
        self.respond(None)
    }
}
