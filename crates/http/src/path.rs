//! Ids and slugs in paths.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    str::FromStr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use tenantry_core::value::Slug;

use super::Problem;

/// The id in the path, if the segment is one; not the `{organization_id}` or `{slug}` of the path.
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
        let named = segments.find(|(name, _)| !matches!(*name, "organization_id" | "slug"));
        ready(Ok(Self(named.and_then(|(_, text)| text.parse().ok()))))
    }
}

/// The slug of the organization in the path of a page, for addresses of other pages of it.
///
/// The route's access established that it names the context's organization.
#[derive(Clone, Debug)]
pub struct PathSlug(pub Slug);

impl FromRequest for PathSlug {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let segment = request.match_info().get("slug");
        let slug = segment.and_then(|text| text.parse().ok());
        ready(
            slug.map(Self).ok_or_else(|| {
                Problem::internal("a handler takes the slug of a path that has none")
            }),
        )
    }
}
