//! The extractor of the caller or context of a request.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use tenantry_core::access::{AccessError, Caller, Operator, SessionCaller, TenantContext};

use super::{Access, Problem};

/// What the route's [`Access`] established: a [`Caller`], a [`SessionCaller`], an
/// [`Operator`] or a [`TenantContext`]; an `Option<SessionCaller>` of a visitor.
///
/// A table of routes can't be built with a handler that takes what the access does not establish.
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
    /// Whether routes with this access have the value.
    fn is_established_by(access: &Access) -> bool;

    /// The value.
    ///
    /// # Errors
    /// When the route's access does not establish it.
    fn established(request: &HttpRequest) -> Result<Self, Problem>;
}

impl Established for Caller {
    fn is_established_by(access: &Access) -> bool {
        !access.is_anyone() && !access.is_visitor()
    }

    fn established(request: &HttpRequest) -> Result<Self, Problem> {
        extension(request)
    }
}

impl Established for SessionCaller {
    fn is_established_by(access: &Access) -> bool {
        access.is_for_operators() || Caller::is_established_by(access) && access.is_session_only()
    }

    fn established(request: &HttpRequest) -> Result<Self, Problem> {
        let caller = extension::<Caller>(request)?;
        Self::of(caller).ok_or_else(|| AccessError::SessionRequired.into())
    }
}

/// The caller of a page for [visitors](super::Access::visitor), if it is signed in.
impl Established for Option<SessionCaller> {
    fn is_established_by(access: &Access) -> bool {
        access.is_visitor()
    }

    fn established(request: &HttpRequest) -> Result<Self, Problem> {
        let caller = request.extensions().get::<Caller>().cloned();
        Ok(caller.and_then(SessionCaller::of))
    }
}

impl Established for Operator {
    fn is_established_by(access: &Access) -> bool {
        access.is_for_operators()
    }

    fn established(request: &HttpRequest) -> Result<Self, Problem> {
        extension(request)
    }
}

impl Established for TenantContext {
    fn is_established_by(access: &Access) -> bool {
        access.permission().is_some()
    }

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
