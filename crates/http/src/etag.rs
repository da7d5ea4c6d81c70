//! `ETag` and `If-Match` (RFC 9110, sections 8.8.3 and 13.1.1).

use std::convert::Infallible;

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue, TryIntoHeaderPair},
    },
};
use std::future::{Ready, ready};

use tenantry_core::version::Precondition;

use super::Problem;

/// The `ETag` header of a version: the number in quotes, a strong tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ETag(pub i64);

impl TryIntoHeaderPair for ETag {
    type Error = Infallible;

    fn try_into_pair(self) -> Result<(HeaderName, HeaderValue), Infallible> {
        Ok(self.header())
    }
}

impl ETag {
    pub(super) fn header(self) -> (HeaderName, HeaderValue) {
        let value = HeaderValue::from_str(&format!("\"{}\"", self.0));
        (header::ETAG, value.expect("digits in quotes"))
    }
}

/// The `If-Match` header of a request; its absence is [`Precondition::None`].
///
/// A weak or unknown tag matches nothing. A malformed or repeated header, or one with more than
/// sixteen tags, is 400 `invalid_if_match`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IfMatch(Precondition);

impl IfMatch {
    /// Whether a resource of this version may be changed.
    #[must_use]
    pub fn check(&self, version: i64) -> bool {
        self.0.allows(version)
    }

    /// The precondition, for a service.
    #[must_use]
    pub fn versions(self) -> Precondition {
        self.0
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut values = request.headers().get_all(header::IF_MATCH);
        let condition = match (values.next(), values.next()) {
            (None, _) => Some(Precondition::None),
            (Some(value), None) => parse(value.as_bytes()),
            _ => None,
        };
        ready(condition.map(Self).ok_or_else(|| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "invalid_if_match",
                "If-Match must be sent once and hold * or a list of at most 16 entity tags",
            )
        }))
    }
}

/// The maximum number of tags: a client knows few versions of a resource.
const MAX_TAGS: usize = 16;

/// Parses `*`, or entity tags separated by commas.
fn parse(value: &[u8]) -> Option<Precondition> {
    let mut rest = value.trim_ascii();
    if rest == b"*" {
        return Some(Precondition::Any);
    }
    let mut versions = Vec::new();
    let mut tags = 0;
    loop {
        // The grammar of lists allows empty elements.
        while let Some((b',' | b' ' | b'\t', after)) = rest.split_first() {
            rest = after;
        }
        if rest.is_empty() {
            return (tags > 0).then_some(Precondition::OneOf(versions));
        }
        let (weak, opaque) = match rest.strip_prefix(b"W/") {
            Some(opaque) => (true, opaque),
            None => (false, rest),
        };
        let text = opaque.strip_prefix(b"\"")?;
        let end = text.iter().position(|&byte| byte == b'"')?;
        let (tag, after) = (&text[..end], text[end + 1..].trim_ascii_start());
        if !tag
            .iter()
            .all(|&b| matches!(b, 0x21 | 0x23..=0x7e | 0x80..))
        {
            return None;
        }
        if !after.is_empty() && !after.starts_with(b",") {
            return None;
        }
        tags += 1;
        if tags > MAX_TAGS {
            return None;
        }
        if !weak {
            versions.extend(version(tag));
        }
        rest = after;
    }
}

/// The version in a tag; tags are compared as text, so `007` is not `7`.
fn version(tag: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(tag).ok()?;
    let version: i64 = text.parse().ok()?;
    (version.to_string() == text).then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_tags_names_its_strong_versions() {
        let versions = |text: &str| match parse(text.as_bytes()) {
            Some(Precondition::OneOf(versions)) => versions,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(versions("\"1\""), [1]);
        assert_eq!(versions("\"1\" ,, \"22\","), [1, 22]);
        assert_eq!(versions("W/\"1\", \"2\""), [2]);
        for foreign in [
            "\"\"",
            "\"a,b\"",
            "\"007\"",
            "\"+7\"",
            "\"99999999999999999999\"",
        ] {
            assert!(versions(foreign).is_empty(), "{foreign}");
        }
    }

    #[test]
    fn text_that_is_no_list_of_tags_is_rejected() {
        for bad in [
            "",
            " ",
            ",",
            "1",
            "\"1",
            "1\"",
            "\"1\" \"2\"",
            "\"a b\"",
            "*, \"1\"",
            "w/\"1\"",
        ] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn a_list_holds_at_most_sixteen_tags() {
        let list = |number: usize| vec!["\"1\""; number].join(", ");
        assert!(parse(list(16).as_bytes()).is_some());
        assert_eq!(parse(list(17).as_bytes()), None);
        let weak = list(17).replace("\"1\"", "W/\"x\"");
        assert_eq!(parse(weak.as_bytes()), None, "they count as well");
    }

    #[test]
    fn an_empty_list_of_versions_allows_none() {
        assert!(!Precondition::OneOf(Vec::new()).allows(1));
        assert!(Precondition::Any.allows(1));
        assert!(Precondition::None.allows(1));
    }
}
