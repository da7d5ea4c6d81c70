//! Ids in paths.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    str::FromStr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

/// The id in the path, if the segment is one; not the `{organization_id}` of the path.
///
/// An invalid id must get the same response as an unknown one, and only the module knows that
/// response: `let id = path.or(ProjectError::NotFound)?;`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct PathId<T>(Option<T>);

impl<T> PathId<T> {
    /// The id, or the module's error for an unknown one.
    ///
    /// # Errors
    /// `unknown`, when the segment is not an id.
    pub fn or<E>(self, unknown: E) -> Result<T, E> {
        self.0.ok_or(unknown)
    }
}

impl<T: FromStr> FromRequest for PathId<T> {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut segments = request.match_info().iter();
        let named = segments.find(|(name, _)| *name != "organization_id");
        ready(Ok(Self(named.and_then(|(_, text)| text.parse().ok()))))
    }
}
