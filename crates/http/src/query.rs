//! Query strings.

use std::{
    collections::BTreeMap,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode};

use super::Problem;
use tenantry_core::input::{FieldReader, FromFields};

/// The query string, parsed into valid values.
///
/// Invalid encoding, NUL characters, repeated and unknown parameters are 400; invalid parameters are
/// 422, all in one response.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: FromFields> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parameters(request.query_string()).and_then(|parameters| {
            FieldReader::parameters(parameters)
                .map(Self)
                .map_err(|errors| Problem::from_validation(errors, "unknown_parameter"))
        }))
    }
}

/// The query string of a page, parsed into valid values.
///
/// Unknown parameters are ignored, and of a repeated one the first counts: programs that pass links on
/// add their own. Otherwise as [`Query`].
#[derive(Debug)]
pub struct LenientQuery<T>(pub T);

impl<T: FromFields> FromRequest for LenientQuery<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = pairs(request.query_string());
        ready(pairs.and_then(|pairs| {
            let mut first = BTreeMap::new();
            for (name, value) in pairs {
                first.entry(name).or_insert(value);
            }
            FieldReader::known_parameters(first)
                .map(Self)
                .map_err(|errors| Problem::from_validation(errors, "unknown_parameter"))
        }))
    }
}

fn parameters(query: &str) -> Result<BTreeMap<String, String>, Problem> {
    let mut parameters = BTreeMap::new();
    for (name, value) in pairs(query)? {
        if parameters.insert(name, value).is_some() {
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "repeated_parameter",
                "a query parameter can be sent once only",
            ));
        }
    }
    Ok(parameters)
}

/// The names and values, in their order.
fn pairs(query: &str) -> Result<Vec<(String, String)>, Problem> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let decoded = pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((decode(name)?, decode(value)?))
    });
    decoded.collect::<Option<_>>().ok_or_else(|| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "malformed_query",
            "the query string is not valid percent-encoded UTF-8",
        )
    })
}

/// Decodes `%41` and `+`; `None` if the encoding is invalid or contains a NUL. The usual decoders keep
/// invalid sequences, which would give one value two spellings.
pub(super) fn decode(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hex(bytes.next()?)? << 4 | hex(bytes.next()?)?,
            _ => byte,
        });
    }
    let text = String::from_utf8(decoded).ok()?;
    (!text.contains('\0')).then_some(text)
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_decoded_once_and_strictly() {
        assert_eq!(decode("a+b%20%C3%a9%2541").as_deref(), Some("a b é%41"));
        for bad in ["%", "%4", "%zz", "%+1", "%ff", "%00", "a%"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
