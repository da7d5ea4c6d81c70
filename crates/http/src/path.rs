//! Ids in paths.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    str::FromStr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

/// The id in the path, if its segment holds one. In a path that begins with the organization's, it
/// is the other one.
///
/// A segment that can't be an id must be answered exactly like an id that nothing has, and only
/// the module knows how it answers that: `let id = path.or(ProjectError::NotFound)?;`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct PathId<T>(Option<T>);

impl<T> PathId<T> {
    /// The id, or the module's own error for an id that nothing has.
    ///
    /// # Errors
    /// The given one, when the segment holds no id.
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
