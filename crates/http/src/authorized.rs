//! The extractor of the caller or context of a request.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use tenantry_core::access::{AccessError, Caller, Operator, SessionCaller, TenantContext};

use super::Problem;

/// What the route's [`Access`](super::Access) established: a [`Caller`], a [`SessionCaller`], an
/// [`Operator`] or a [`TenantContext`]; an `Option<SessionCaller>` of a visitor.
///
/// It is a 500 if the route's access does not establish what the handler takes.
#[derive(Clone, Debug)]
pub struct Authorized<T>(pub T);

impl<T: Established> FromRequest for Authorized<T> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(T::established(request).map(Self))
    }
}

/// The values that the authorization stores in the request's extensions.
pub trait Established: Sized {
    /// The value.
    ///
    /// # Errors
    /// When the route's access does not establish it.
    fn established(request: &HttpRequest) -> Result<Self, Problem>;
}

impl Established for Caller {
    fn established(request: &HttpRequest) -> Result<Self, Problem> {
        extension(request)
    }
}

impl Established for SessionCaller {
    fn established(request: &HttpRequest) -> Result<Self, Problem> {
        let caller = extension::<Caller>(request)?;
        Self::of(caller).ok_or_else(|| AccessError::SessionRequired.into())
    }
}

/// The caller of a page for [visitors](super::Access::visitor), if it is signed in.
impl Established for Option<SessionCaller> {
    fn established(request: &HttpRequest) -> Result<Self, Problem> {
        let caller = request.extensions().get::<Caller>().cloned();
        Ok(caller.and_then(SessionCaller::of))
    }
}

impl Established for Operator {
    fn established(request: &HttpRequest) -> Result<Self, Problem> {
        extension(request)
    }
}

impl Established for TenantContext {
    fn established(request: &HttpRequest) -> Result<Self, Problem> {
        extension(request)
    }
}

fn extension<T: Clone + 'static>(request: &HttpRequest) -> Result<T, Problem> {
    let found = request.extensions().get().cloned();
    found.ok_or_else(|| {
        let name = std::any::type_name::<T>();
        Problem::internal(&format!(
            "a handler takes {name}, but its route's access does not provide it"
        ))
    })
}
