//! The bodies of HTML forms.

use std::collections::BTreeMap;

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode};
use futures_util::future::LocalBoxFuture;

use super::{Problem, body::read_body, query, require_same_origin};
use tenantry_core::input::{FieldReader, FromFields, InvalidField};

const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// A form as a browser sends it, and its values if all of them are valid.
///
/// An empty field is null where that is a value, and else an absent one. A handler renders the form
/// again if a value is invalid; another content type is 415, an unknown field is 400, and a page of
/// another site is 403.
#[derive(Debug)]
pub struct Form<T> {
    /// The fields as they were sent.
    pub sent: FormFields,
    /// The values.
    pub values: Result<T, FieldErrors>,
}

/// The fields of a form as they were sent. Line breaks are `\n`.
#[derive(Clone, Default)]
pub struct FormFields(BTreeMap<String, Vec<String>>);

impl FormFields {
    /// Fields with these values, for a form that is shown first.
    #[must_use]
    pub fn of(values: &[(&str, &str)]) -> Self {
        let values = values.iter();
        let fields = values.map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()]));
        Self(fields.collect())
    }

    /// The first value of a field; empty if it was not sent.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.0
            .get(name)
            .and_then(|values| values.first())
            .map_or("", String::as_str)
    }

    /// Whether a field has this value, among others.
    #[must_use]
    pub fn has(&self, name: &str, value: &str) -> bool {
        let values = self.0.get(name).into_iter().flatten();
        values.into_iter().any(|sent| sent == value)
    }
}

/// The values may be secrets.
impl std::fmt::Debug for FormFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What is wrong with the fields of a form.
#[derive(Clone, Debug, Default)]
pub struct FieldErrors(Vec<InvalidField>);

impl FieldErrors {
    /// A field breaks a rule.
    #[must_use]
    pub fn one(name: &str, message: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self(vec![InvalidField {
            pointer: format!("/{name}"),
            message: message.into(),
        }])
    }

    /// The rule that a field breaks, if any.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<&str> {
        let named = |field: &&InvalidField| {
            let pointer = field.pointer.strip_prefix('/').unwrap_or_default();
            pointer.split('/').next() == Some(name)
        };
        self.0.iter().find(named).map(|field| &*field.message)
    }

    /// The first field with a mistake.
    #[must_use]
    pub fn first(&self) -> Option<&str> {
        let pointer = self.0.first()?.pointer.strip_prefix('/')?;
        pointer.split('/').next()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: FromFields + 'static> FromRequest for Form<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let own = require_same_origin(request);
        let receiving = read_body(request, payload, &[MEDIA_TYPE]);
        Box::pin(async move {
            own?;
            let bytes = receiving.await?;
            let fields = fields(&bytes)?;
            let values = match FieldReader::form(fields.clone()) {
                Ok(values) => Ok(values),
                Err(errors) => {
                    let (invalid, unknown) = errors.clone().into_parts();
                    if !unknown.is_empty() {
                        return Err(Problem::from_validation(errors, "unknown_field"));
                    }
                    Err(FieldErrors(invalid))
                }
            };
            Ok(Self {
                sent: FormFields(fields),
                values,
            })
        })
    }
}

/// The fields of a body. Browsers send line breaks as CR LF.
fn fields(body: &[u8]) -> Result<BTreeMap<String, Vec<String>>, Problem> {
    let malformed = || {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "malformed_form",
            "the form is not valid percent-encoded UTF-8",
        )
    };
    let text = str::from_utf8(body).map_err(|_| malformed())?;
    let mut fields: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(name), Some(value)) = (query::decode(name), query::decode(value)) else {
            return Err(malformed());
        };
        let value = value.replace("\r\n", "\n");
        fields.entry(name).or_default().push(value);
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_decoded_once_and_strictly() {
        let read = fields(b"name=a+b%0D%0Ac&ids=1&ids=2&empty=").expect("valid");
        assert_eq!(read["name"], ["a b\nc"]);
        assert_eq!(read["ids"], ["1", "2"]);
        assert_eq!(read["empty"], [""]);
        for bad in ["a=%", "a=%ff", "a=%00", "%zz=1"] {
            assert!(fields(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
