//! JSON bodies.

use std::{pin::pin, rc, sync::Weak, time::Duration};

use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest,
    dev::Payload,
    error::PayloadError,
    http::{
        StatusCode,
        header::{self, HeaderMap},
    },
    web,
};
use futures_util::{FutureExt as _, StreamExt as _, future::LocalBoxFuture};
use secrecy::zeroize::Zeroizing;
use serde_json::Value;

use super::{
    BodyLimit, EdgeConfig, Problem, Timeouts,
    concurrency::{RequestPermit, TenantPermit},
};
use tenantry_core::input::{
    FieldReader, FromFields, ValidationErrors, inexact_members,
    strict_json::{self, Fault},
};

/// A JSON body, parsed into valid values.
///
/// Another content type or a content encoding is 415, too many bytes are 413; invalid JSON, duplicate
/// keys, NUL characters, deep nesting and unknown fields are 400; invalid fields are 422, all in one response, and
/// so is a body that is not an object. So is a number that is not exact in 64 bits.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: FromFields + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let receiving = read_body(request, payload, T::MEDIA_TYPES);
        Box::pin(async move {
            let bytes = receiving.await?;
            match strict_json::parse(&bytes).map_err(|fault| refused(fault, &bytes))? {
                Value::Object(object) => FieldReader::object(object),
                _ => Err(ValidationErrors::new("must be an object")),
            }
            .and_then(|value| with_exact_numbers(&bytes).map(|()| Self(value)))
            .map_err(|errors| Problem::from_validation(errors, "unknown_field"))
        })
    }
}

/// Reads a body of one of these media types. The request's permits are released while it arrives.
pub(super) fn read_body(
    request: &HttpRequest,
    payload: &mut Payload,
    media_types: &'static [&'static str],
) -> impl Future<Output = Result<Bytes, Problem>> + use<> {
    let limit = request.app_data::<BodyLimit>().copied().unwrap_or_default();
    let config = request.app_data::<web::Data<EdgeConfig>>();
    let Timeouts { request: time, .. } = config.map(|config| config.timeouts).unwrap_or_default();
    let checked = check(request.headers(), media_types, limit);
    let payload = payload.take();
    let permit = request.extensions().get::<Weak<RequestPermit>>().cloned();
    let tenant_permit = request.extensions().get().cloned();
    let tenant_permit: Option<rc::Weak<TenantPermit>> = tenant_permit;
    async move {
        checked?;
        let mut receiving = pin!(collect(payload, limit, time));
        // Almost every body arrives with its head.
        match (
            receiving.as_mut().now_or_never(),
            permit.and_then(|it| it.upgrade()),
        ) {
            (Some(received), _) => received,
            (None, None) => receiving.await,
            (None, Some(permit)) => {
                let tenant_permit = tenant_permit.and_then(|it| it.upgrade());
                permit.release_while_receiving()?;
                if let Some(permit) = &tenant_permit {
                    permit.release_while_receiving()?;
                }
                let received = receiving.await?;
                permit.reacquire().await?;
                if let Some(permit) = &tenant_permit {
                    permit.reacquire()?;
                }
                Ok(received)
            }
        }
    }
}

/// Refuses a valid body with a number that would come back as another one.
fn with_exact_numbers(body: &[u8]) -> Result<(), ValidationErrors> {
    let mut errors = ValidationErrors::default();
    for member in inexact_members(body) {
        let rule = "must hold only numbers that are exact in 64 bits; write others as text";
        errors.add(ValidationErrors::new(rule).at(&member));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors)
    }
}

/// Checks the headers of the body.
fn check(
    headers: &HeaderMap,
    media_types: &[&str],
    BodyLimit(limit): BodyLimit,
) -> Result<(), Problem> {
    let mut types = headers.get_all(header::CONTENT_TYPE);
    let is_accepted = match (types.next(), types.next()) {
        (Some(value), None) => {
            let essence = value.as_bytes().split(|&byte| byte == b';').next();
            let essence = essence.unwrap_or_default().trim_ascii();
            let is = |name: &&str| essence.eq_ignore_ascii_case(name.as_bytes());
            media_types.iter().any(is)
        }
        _ => false,
    };
    let is_encoded = headers
        .get_all(header::CONTENT_ENCODING)
        .any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"));
    if !is_accepted || is_encoded {
        let wanted = media_types.join(" or ");
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            format!("the body must be {wanted}, without content encoding"),
        ));
    }

    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    Ok(())
}

/// A body, which may hold a password: its memory is overwritten when it is dropped.
pub(super) type Bytes = Zeroizing<Vec<u8>>;

/// Receives a body within `time`.
async fn collect(payload: Payload, limit: BodyLimit, time: Duration) -> Result<Bytes, Problem> {
    let received = tokio::time::timeout(time, receive(payload, limit)).await;
    received.unwrap_or_else(|_| Err(Problem::from_status(StatusCode::REQUEST_TIMEOUT)))
}

/// Counts the bytes, because a chunked body announces no length.
async fn receive(mut payload: Payload, BodyLimit(limit): BodyLimit) -> Result<Bytes, Problem> {
    let mut bytes = Bytes::default();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| match error {
            PayloadError::Overflow => too_large(),
            _ => malformed(Fault::Syntax),
        })?;
        if bytes.len() + chunk.len() > limit {
            return Err(too_large());
        }
        if bytes.len() + chunk.len() > bytes.capacity() {
            // Growing in place could leave a copy behind.
            let mut larger = Vec::with_capacity(2 * (bytes.len() + chunk.len()));
            larger.extend_from_slice(&bytes);
            bytes = Zeroizing::new(larger);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn too_large() -> Problem {
    Problem::from_status(StatusCode::PAYLOAD_TOO_LARGE)
}

/// A number out of range is a value that is not valid; anything else makes the body malformed.
fn refused(fault: Fault, body: &[u8]) -> Problem {
    if fault != Fault::Range {
        return malformed(fault);
    }
    if !strict_json::is_json(body) {
        return malformed(Fault::Syntax);
    }
    let errors = with_exact_numbers(body).err();
    // Only an object has members that could be named.
    let errors = errors.unwrap_or_else(|| ValidationErrors::new("must be an object"));
    Problem::from_validation(errors, "unknown_field")
}

fn malformed(fault: Fault) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "malformed_json",
        match fault {
            Fault::Syntax | Fault::Range => "the body is not JSON in UTF-8",
            Fault::Depth => "the body is nested too deeply: at most 127 arrays and objects",
            Fault::Content => "the body has a duplicate key or a NUL character",
        },
    )
}
