//! Letting a request in: before its handler, and before anything of its body is read.

use std::rc::Rc;

use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
    web,
};

use super::{
    Access, CALLER_REQUESTS, EdgeConfig, ORGANIZATION_REQUESTS, Problem, RateLimiter, RequestId,
    SessionCookieReader, chunked_body, concurrency::OrganizationPlace,
    credential_source::Presented, denials, edge::is_api, organization, origin, request_metrics,
};
use tenantry_core::{
    access::{
        AccessError, ContextRequest, ContextResolver, Credential, PermissionDenied, ResolvedContext,
    },
    error::{DomainError as _, ErrorKind},
};

/// What a route does with query parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parameters {
    /// Its handler parses them.
    Parsed,
    /// It has none, and sending one is a mistake.
    Refused,
}

impl Parameters {
    fn check(self, request: &HttpRequest) -> Result<(), Problem> {
        if self == Self::Parsed || request.query_string().is_empty() {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "unknown_parameter",
            "this route takes no query parameters",
        ))
    }
}

/// The middleware that every route is wrapped in.
pub(super) async fn admit(
    access: Access,
    parameters: Parameters,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let admitted = let_in(access, request.request()).await;
    let admitted = admitted.and_then(|place| {
        parameters.check(request.request())?;
        Ok(place)
    });
    let response = match admitted {
        Ok(place) => {
            let response = next.call(request).await?;
            response.map_body(|_, body| chunked_body::of(body, place))
        }
        Err(problem) => request.error_response(problem),
    };
    denials::note(access, &response);
    Ok(response)
}

/// Decides, in this order: malformed headers (400), no good credential (401), whatever the
/// resolver refuses, a session where one is needed, the permission (403).
async fn let_in(
    access: Access,
    request: &HttpRequest,
) -> Result<Option<Rc<OrganizationPlace>>, Problem> {
    if access.is_anyone() && !is_api(request.match_info().as_str()) {
        return Ok(None);
    }
    let throttle = RateLimiter::of(request);
    let reader = wired::<dyn SessionCookieReader>(request)?;
    let header = organization::named(request.headers())?;
    let presented = Presented::find(request, reader)?;
    if presented.is_cookie() {
        origin::check(request)?;
    }

    let segment = request.match_info().get("organization_id");
    let Some(wanted) = access.wanted(segment) else {
        throttle.check_address(CALLER_REQUESTS)?;
        return Ok(None);
    };
    let credential = match presented.read(request, reader) {
        Err(refusal) => {
            throttle.check_address(CALLER_REQUESTS)?;
            let hidden = access.is_for_operators();
            return Err(if hidden {
                no_such_route()
            } else {
                refusal.into()
            });
        }
        Ok(credential) => credential,
    };
    let by_token = matches!(credential, Credential::Bearer(_));
    let question = ContextRequest {
        credential: Some(credential),
        header,
        wanted,
        request: request.extensions().get().map(|RequestId(id)| *id),
    };
    let resolver = wired::<dyn ContextResolver>(request)?;
    let resolved = resolver.resolve(question).await;
    if let Err(AccessError::InvalidCredential | AccessError::NotAuthenticated) = resolved {
        // Who is nobody counts as the address he comes from: tokens can be guessed without end.
        throttle.check_address(CALLER_REQUESTS)?;
    }
    let admission = match resolved {
        // To everybody but operators there is no such route, whatever is wrong with them.
        Err(refusal) if access.is_for_operators() && is_about_the_caller(&refusal) => {
            return Err(no_such_route());
        }
        admission => admission?,
    };
    request_metrics::identify(&admission);
    throttle.check_key(CALLER_REQUESTS, admission.caller.user())?;
    let place = enter(request, &throttle, &admission)?;
    check_operator(access, &admission)?;

    if access.is_session_only() && by_token {
        return Err(AccessError::SessionRequired.into());
    }
    let permitted = check_permission(access, &admission);
    // Also of who is refused: it is noted who he is.
    remember(request, admission);
    permitted.map(|()| place)
}

/// A place among the requests of the organization, if there is one left for it.
fn enter(
    request: &HttpRequest,
    throttle: &RateLimiter,
    admission: &ResolvedContext,
) -> Result<Option<Rc<OrganizationPlace>>, Problem> {
    let Some(tenant) = &admission.tenant else {
        return Ok(None);
    };
    throttle.check_key(ORGANIZATION_REQUESTS, tenant.organization())?;
    let rules = request.app_data::<web::Data<EdgeConfig>>();
    let place = rules.map(|rules| rules.concurrency.enter_organization(tenant.organization()));
    let place = place.transpose()?.map(Rc::new);
    if let Some(place) = &place {
        request.extensions_mut().insert(Rc::downgrade(place));
    }
    Ok(place)
}

fn no_such_route() -> Problem {
    Problem::from_status(StatusCode::NOT_FOUND)
}

fn is_about_the_caller(refusal: &AccessError) -> bool {
    let kind = refusal.kind();
    matches!(
        kind,
        ErrorKind::Unauthenticated | ErrorKind::Forbidden | ErrorKind::NotFound
    )
}

fn check_operator(access: Access, admission: &ResolvedContext) -> Result<(), Problem> {
    if !access.is_for_operators() {
        return Ok(());
    }
    match &admission.operator {
        Some(operator) if operator.is_superuser() || !access.is_for_superusers() => Ok(()),
        _ => Err(no_such_route()),
    }
}

fn check_permission(access: Access, admission: &ResolvedContext) -> Result<(), Problem> {
    let Some(permission) = access.permission() else {
        return Ok(());
    };
    let Some(tenant) = &admission.tenant else {
        return Err(Problem::internal(
            "the resolver gave no context where one was wanted",
        ));
    };
    if tenant.role() < permission.min_role {
        let permission = permission.code;
        return Err(AccessError::from(PermissionDenied { permission }).into());
    }
    Ok(())
}

fn remember(request: &HttpRequest, admission: ResolvedContext) {
    let mut extensions = request.extensions_mut();
    extensions.insert(admission.caller);
    if let Some(tenant) = admission.tenant {
        extensions.insert(tenant);
    }
    if let Some(operator) = admission.operator {
        extensions.insert(operator);
    }
}

/// Something that the composition root must have put into the application.
fn wired<T: ?Sized + 'static>(request: &HttpRequest) -> Result<&T, Problem> {
    let data = request.app_data::<web::Data<T>>();
    data.map(|data| data.get_ref()).ok_or_else(|| {
        let name = std::any::type_name::<T>();
        Problem::internal(&format!("the application has no Data<{name}>"))
    })
}
