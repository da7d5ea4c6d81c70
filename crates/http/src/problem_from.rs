//! From a business fact, or a bare status, to the problem that the client reads.

use std::{borrow::Cow, error::Error};

use actix_web::http::StatusCode;

use super::Problem;
use tenantry_core::error::{DomainError, ErrorKind};
use tenantry_core::input::ValidationErrors;

/// The one table from kinds to statuses.
pub(super) const fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Malformed => StatusCode::BAD_REQUEST,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Gone => StatusCode::GONE,
        ErrorKind::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        ErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

const INTERNAL: &str = "something went wrong on our side; the request id helps us to find it";
const UNAVAILABLE: &str = "a part of the service is away for the moment; try again";

impl<E: DomainError> From<E> for Problem {
    fn from(error: E) -> Self {
        let (kind, code) = (error.kind(), error.code());
        // The text of these two is for the log: it may name tables, hosts and values.
        let detail: Cow<'static, str> = match kind {
            ErrorKind::Internal => INTERNAL.into(),
            ErrorKind::Unavailable => UNAVAILABLE.into(),
            _ => error.to_string().into(),
        };
        if matches!(kind, ErrorKind::Internal | ErrorKind::Unavailable) {
            tracing::error!(code, error = chain(&error), "a request failed");
        }
        Self::new(status(kind), code, detail)
    }
}

impl Problem {
    /// All errors of a request in one problem. An unknown field makes the request malformed: 400 with
    /// `unknown_code`; an invalid value is 422.
    pub(crate) fn from_validation(errors: ValidationErrors, unknown_code: &'static str) -> Self {
        let (invalid, unknown) = errors.into_parts();
        if unknown.is_empty() {
            Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "validation_failed",
                "some fields are not valid",
            )
            .with_errors(invalid)
        } else {
            Self::new(
                StatusCode::BAD_REQUEST,
                unknown_code,
                "some fields are not known here",
            )
            .with_errors(unknown)
        }
    }

    /// A bug: the description is logged, and the client gets a 500 without it.
    #[must_use]
    pub fn internal(description: &str) -> Self {
        tracing::error!(error = description, "a request failed");
        Self::from_status(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The problem for a status without further information.
    ///
    /// Every 5xx but 503 becomes 500.
    #[must_use]
    pub fn from_status(status: StatusCode) -> Self {
        let (code, detail) = match status.as_u16() {
            401 => ("not_authenticated", "sign in first"),
            403 => ("forbidden", "this is not allowed"),
            404 => ("not_found", "there is nothing here"),
            405 => (
                "method_not_allowed",
                "this path does not answer this method",
            ),
            408 => ("request_timeout", "the request took too long to arrive"),
            413 => ("payload_too_large", "the body is too large"),
            415 => (
                "unsupported_media_type",
                "the body must be application/json, without content encoding",
            ),
            429 => ("too_many_requests", "too many requests; try again"),
            503 => ("unavailable", UNAVAILABLE),
            500.. => {
                return Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal_error",
                    INTERNAL,
                );
            }
            _ => ("bad_request", "the request can't be understood"),
        };
        Self::new(status, code, detail)
    }
}

/// An error and its causes, in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::fmt::Error);

    #[test]
    fn a_log_line_names_every_cause() {
        let text = chain(&Outer(std::fmt::Error));
        assert!(text.starts_with("outer: an error occurred"), "{text}");
    }

    #[test]
    fn no_other_server_error_than_500_and_503_is_shown() {
        for status in 500..600 {
            let status = StatusCode::from_u16(status).expect("in range");
            let shown = Problem::from_status(status).respond(None).status();
            assert!([500, 503].contains(&shown.as_u16()), "{status} as {shown}");
        }
    }
}
