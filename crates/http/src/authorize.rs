//! The authorization of a request, before its handler runs and before its body is read.

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
    SessionCookieReader, chunked_body, concurrency::TenantPermit,
    credential_source::CredentialSource, denials, edge::is_api, organization,
    origin::require_same_origin, request_metrics, response_shares::ResponseHolder,
};
use tenantry_core::{
    access::{
        AccessError, Caller, ContextRequest, ContextResolver, Credential, PermissionDenied,
        ResolvedContext, TenantContext,
    },
    error::{DomainError as _, ErrorKind},
};

/// Whether a route accepts query parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum QueryPolicy {
    /// Its handler parses them.
    Parsed,
    /// There are none; sending one is an error.
    Rejected,
}

impl QueryPolicy {
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

/// The middleware of every route.
pub(super) async fn authorize(
    access: Access,
    query: QueryPolicy,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let authorized = authorize_request(access, request.request()).await;
    let authorized = authorized.and_then(|permit| {
        query.check(request.request())?;
        Ok(permit)
    });
    let response = match authorized {
        Ok(permit) => {
            let response = next.call(request).await?;
            keep_until_sent(response, permit)
        }
        Err(problem) => request.error_response(problem),
    };
    denials::record_denial(access, &response);
    Ok(response)
}

/// Sends a large response as its client receives it. Until then it keeps the permit, and counts in the
/// shares of the caller, of the organization and of the process.
fn keep_until_sent(
    response: ServiceResponse<BoxBody>,
    permit: Option<Rc<TenantPermit>>,
) -> ServiceResponse<BoxBody> {
    let Some(bytes) = chunked_body::large(response.response().body()) else {
        return response;
    };
    let request = response.request();
    let held = match (edge_config(request), response_holder(request)) {
        (Some(config), Some(holder)) => config.responses.hold(holder, bytes).map(Some),
        _ => Ok(None),
    };
    let is_read = request.method().is_safe();
    match held {
        Ok(held) => response.map_body(|_, body| chunked_body::chunked(body, (permit, held))),
        Err(problem) if is_read => response.error_response(problem),
        // The write is done: neither a 429 nor `overloaded`, which say that nothing was changed.
        Err(_) => response.error_response(Problem::from_status(StatusCode::SERVICE_UNAVAILABLE)),
    }
}

/// Whose share of waiting responses a request takes; none for anonymous ones, whose responses are
/// files or small.
fn response_holder(request: &HttpRequest) -> Option<ResponseHolder> {
    let extensions = request.extensions();
    let caller = extensions.get::<Caller>()?;
    let tenant = extensions.get::<TenantContext>();
    Some(ResponseHolder {
        caller: caller.user(),
        organization: tenant.map(TenantContext::organization),
    })
}

fn edge_config(request: &HttpRequest) -> Option<&EdgeConfig> {
    let config = request.app_data::<web::Data<EdgeConfig>>();
    config.map(|config| config.get_ref())
}

/// Checks, in this order: the headers (400), the credential (401), the context that the resolver
/// finds, the confirmed address and the session if they are required, the permission (403).
async fn authorize_request(
    access: Access,
    request: &HttpRequest,
) -> Result<Option<Rc<TenantPermit>>, Problem> {
    // Files and pages without a caller cost nothing; a form of such a page counts against its address.
    let is_free = request.method().is_safe() && !is_api(request.match_info().as_str());
    if access.is_anyone() && is_free {
        return Ok(None);
    }
    let rate_limiter = RateLimiter::of(request);
    // Without it, the edge would find no session.
    required_data::<dyn SessionCookieReader>(request)?;
    let mut header = organization::named(request.headers())?;
    let source = CredentialSource::find(request)?;
    if source.is_cookie() {
        require_same_origin(request)?;
    }

    let segment = request.match_info().get("organization_id");
    let Some(mut wanted) = access.wanted(segment) else {
        rate_limiter.check_address(CALLER_REQUESTS)?;
        return Ok(None);
    };
    if access.needs_slug_in_path() {
        (header, wanted) = organization::in_path(request, header, wanted)?;
    }
    let credentials = match source.read(request) {
        Err(error) => {
            rate_limiter.check_address(CALLER_REQUESTS)?;
            if access.is_visitor() {
                return Ok(None);
            }
            let hidden = access.is_for_operators();
            return Err(if hidden { not_found() } else { error.into() });
        }
        Ok(credentials) => credentials,
    };
    let by_token = !source.is_cookie();
    if by_token {
        // A token may be made up, which only the database knows. Session cookies are signed.
        rate_limiter.peek_address(CALLER_REQUESTS)?;
    }
    let context_request = ContextRequest {
        credential: None,
        header,
        wanted,
        request: request.extensions().get().map(|RequestId(id)| *id),
    };
    let resolver = required_data::<dyn ContextResolver>(request)?;
    let resolved = resolve_first(resolver, context_request, credentials).await;
    if let Err(AccessError::InvalidCredential | AccessError::NotAuthenticated) = resolved {
        // A failed credential counts against the address, or a client could guess tokens without limit.
        rate_limiter.check_address(CALLER_REQUESTS)?;
        if access.is_visitor() {
            return Ok(None);
        }
    }
    let context = match resolved {
        // For all callers but operators the route does not exist, whatever the error is.
        Err(error) if access.is_for_operators() && is_about_the_caller(&error) => {
            return Err(not_found());
        }
        context => context?,
    };
    request_metrics::record_caller(&context);
    rate_limiter.check_key(CALLER_REQUESTS, context.caller.user())?;
    if let Some(config) = edge_config(request) {
        config.responses.check(ResponseHolder {
            caller: context.caller.user(),
            organization: context.tenant.as_ref().map(TenantContext::organization),
        })?;
    }
    let permit = acquire_tenant_permit(request, &rate_limiter, &context)?;
    check_operator(access, &context)?;
    check_address(access, request, &context)?;

    if access.is_session_only() && by_token {
        return Err(AccessError::SessionRequired.into());
    }
    let permitted = check_permission(access, &context);
    // The caller is stored even if it is denied, for the log of denials.
    store_in_extensions(request, context);
    permitted.map(|()| permit)
}

/// The context of the first credential that is valid.
async fn resolve_first(
    resolver: &dyn ContextResolver,
    request: ContextRequest,
    credentials: Vec<Credential>,
) -> Result<ResolvedContext, AccessError> {
    for credential in credentials {
        let request = ContextRequest {
            credential: Some(credential),
            ..request.clone()
        };
        match resolver.resolve(request).await {
            Err(AccessError::InvalidCredential) => {}
            resolved => return resolved,
        }
    }
    Err(AccessError::InvalidCredential)
}

/// Acquires a permit of the request's organization, if it has one.
fn acquire_tenant_permit(
    request: &HttpRequest,
    rate_limiter: &RateLimiter,
    context: &ResolvedContext,
) -> Result<Option<Rc<TenantPermit>>, Problem> {
    let Some(tenant) = &context.tenant else {
        return Ok(None);
    };
    rate_limiter.check_key(ORGANIZATION_REQUESTS, tenant.organization())?;
    let permit =
        edge_config(request).map(|config| config.concurrency.acquire_tenant(tenant.organization()));
    let permit = permit.transpose()?.map(Rc::new);
    if let Some(permit) = &permit {
        request.extensions_mut().insert(Rc::downgrade(permit));
    }
    Ok(permit)
}

fn not_found() -> Problem {
    Problem::from_status(StatusCode::NOT_FOUND)
}

fn is_about_the_caller(error: &AccessError) -> bool {
    let kind = error.kind();
    matches!(
        kind,
        ErrorKind::Unauthenticated | ErrorKind::Forbidden | ErrorKind::NotFound
    )
}

fn check_operator(access: Access, context: &ResolvedContext) -> Result<(), Problem> {
    if !access.is_for_operators() {
        return Ok(());
    }
    match &context.operator {
        Some(operator) if operator.is_superuser() || !access.is_for_superusers() => Ok(()),
        _ => Err(not_found()),
    }
}

/// Where a confirmed address is required, an account without one reaches itself only.
fn check_address(
    access: Access,
    request: &HttpRequest,
    context: &ResolvedContext,
) -> Result<(), Problem> {
    let config = request.app_data::<web::Data<EdgeConfig>>();
    let is_required = config.is_some_and(|config| config.verified_email);
    if is_required && !context.email_verified && !access.is_for_unverified() {
        return Err(AccessError::EmailNotVerified.into());
    }
    Ok(())
}

fn check_permission(access: Access, context: &ResolvedContext) -> Result<(), Problem> {
    let Some(permission) = access.permission() else {
        return Ok(());
    };
    let Some(tenant) = &context.tenant else {
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

fn store_in_extensions(request: &HttpRequest, context: ResolvedContext) {
    let mut extensions = request.extensions_mut();
    extensions.insert(context.caller);
    if let Some(tenant) = context.tenant {
        extensions.insert(tenant);
    }
    if let Some(operator) = context.operator {
        extensions.insert(operator);
    }
}

/// Data that the composition root must have registered in the application.
fn required_data<T: ?Sized + 'static>(request: &HttpRequest) -> Result<&T, Problem> {
    let data = request.app_data::<web::Data<T>>();
    data.map(|data| data.get_ref()).ok_or_else(|| {
        let name = std::any::type_name::<T>();
        Problem::internal(&format!("the application has no Data<{name}>"))
    })
}
