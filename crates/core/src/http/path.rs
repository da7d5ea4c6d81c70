//! Ids in paths.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    str::FromStr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

/// The id in the path segment `{id}`, if the segment holds one.
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
        ready(Ok(path_id(request, "id")))
    }
}

/// The id in the path segment of the given name, for routes with more than one.
pub fn path_id<T: FromStr>(request: &HttpRequest, segment: &str) -> PathId<T> {
    let text = request.match_info().get(segment);
    PathId(text.and_then(|text| text.parse().ok()))
}
