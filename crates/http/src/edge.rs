//! The outermost middleware: request ids, and the final form of every response.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use actix_web::{
    Error, HttpMessage as _, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        ConnectionType, StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use futures_util::FutureExt as _;
use tracing::Instrument as _;

use super::{
    ConcurrencyLimiter, CorsOrigins, ErrorPages, FailedRequest, Problem, RenderedPage,
    ResponseShares, SessionCookies, Timeouts, TrustedProxies,
    connection_timeout::ConnectionTimer,
    cors, duplicate_headers, head_limit,
    host::check_host,
    request_metrics::{self, RequestMetrics},
    security_headers::{HSTS, SECURITY_HEADERS},
    unread_body::UnreadBody,
};
use tenantry_core::{id::Uuid, runtime::Runtime};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const VARY: HeaderValue = HeaderValue::from_static("Cookie, Authorization, X-Organization-Slug");

/// The id of a request. Never the client's, which could reuse the id of another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(pub Uuid);

/// The configuration of a worker's requests, as `web::Data`. By default no proxy is trusted and no
/// origin is allowed.
#[derive(Clone, Debug, Default)]
pub struct EdgeConfig {
    /// The proxies whose forwarding headers are trusted.
    pub proxies: TrustedProxies,
    /// The origins whose pages may call the API.
    pub cors: CorsOrigins,
    /// Whether clients use HTTPS; browsers then get the HSTS header.
    pub https: bool,
    /// The timeouts of requests and connections.
    pub timeouts: Timeouts,
    /// The worker's limit on concurrent requests.
    pub concurrency: ConcurrencyLimiter,
    /// The process's limits on responses that wait for their clients.
    pub responses: ResponseShares,
    /// Whether an account needs a confirmed address for more than itself.
    pub verified_email: bool,
    /// Whether the server is shutting down.
    pub shutdown: ShutdownFlag,
}

/// Whether a server is shutting down. Cheap to clone; all clones share one flag.
#[derive(Clone, Debug, Default)]
pub struct ShutdownFlag(Arc<AtomicBool>);

impl ShutdownFlag {
    /// From now on every response closes its connection, so that clients connect elsewhere.
    pub fn start(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the shutdown has started.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How much later than the body's timeout the request's is: the error of the body is more specific.
const GRACE: Duration = Duration::from_secs(1);

/// The outermost middleware of an application: `App::new().wrap(from_fn(edge::middleware))`.
///
/// It gives the request a [`RequestId`] and a tracing span with it, catches panics, and turns every
/// error response into a [`Problem`] with the id, or into a page ([`ErrorPages`]). All responses get `X-Request-Id`; those under
/// `/api` also `Cache-Control: no-store` and `Vary`, and health routes the former. Each response is
/// counted, and is one line in the log with the target `access`.
///
/// Ids come from the `web::Data<Runtime>` of the application, or else from the machine.
///
/// # Errors
/// Where the inner layers return an error, the finished response travels as an error too, so that no
/// outer layer can replace it.
pub async fn middleware(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id: Uuid = match request.app_data::<web::Data<Runtime>>() {
        Some(runtime) => runtime.new_id(),
        None => Runtime::system().new_id(),
    };
    let config = config(&request);
    let arrived = Instant::now();
    let connection = ConnectionTimer::of(&request);
    connection.request_started();
    let body = UnreadBody::share(&mut request);
    let permit = if is_health(request.match_info().as_str()) {
        // Health checks must be answered under load, too.
        config.concurrency.try_acquire()
    } else {
        match config.concurrency.acquire().await {
            Ok(permit) => Some(permit),
            Err(problem) => {
                let is_reusable = body.discard(config.timeouts.request).await;
                let rejection = reject(request, id, config, problem, arrived, is_reusable);
                connection.response_sent(rejection.status());
                return Ok(rejection);
            }
        }
    };
    let peer = request.peer_addr().map(|peer| peer.ip());
    let client = config.proxies.client(peer, request.headers());
    request.extensions_mut().insert(RequestId(id));
    request.extensions_mut().insert(client);
    SessionCookies::extract(&mut request);
    if let Some(permit) = &permit {
        request.extensions_mut().insert(Arc::downgrade(permit));
    }
    let mut finisher = ResponseFinisher::new(&request, id, &config);
    let metrics = RequestMetrics::start(&request, arrived);
    let span = metrics.span(id, client);

    async move {
        let time = config.timeouts.request;
        let inner = async move {
            let _permit = permit;
            handle(&config, request, next).await
        };
        let handled = tokio::select! {
            handled = AssertUnwindSafe(inner).catch_unwind() => handled,
            () = connection.client_gone() => {
                Ok(Err(Problem::from_status(StatusCode::REQUEST_TIMEOUT).into()))
            }
        };
        let has_timed_out = match &handled {
            Ok(Ok(response)) => response.status() == StatusCode::REQUEST_TIMEOUT,
            Ok(Err(_)) | Err(_) => false,
        };
        finisher.is_last |= has_timed_out || !body.discard(time).await;
        let finished = match handled {
            Ok(Ok(response)) => {
                let (request, response) = response.into_parts();
                let response = finisher.finish(response.map_into_boxed_body());
                Ok(ServiceResponse::new(request, response))
            }
            Ok(Err(error)) => Err(finisher.finish(error.error_response())),
            Err(panic) => {
                let problem = Problem::internal(&format!("a panic: {}", message(&*panic)));
                Err(finisher.finish(problem.respond(None)))
            }
        };
        let status = match &finished {
            Ok(response) => response.status(),
            Err(response) => response.status(),
        };
        connection.response_sent(status);
        metrics.response_sent(status);
        finished.map_err(as_error)
    }
    .instrument(span)
    .await
}

/// Rejects a request without a permit, with minimal work: every rejection slows running requests.
fn reject(
    request: ServiceRequest,
    id: Uuid,
    config: Arc<EdgeConfig>,
    problem: Problem,
    arrived: Instant,
    is_reusable: bool,
) -> ServiceResponse<BoxBody> {
    let mut finisher = ResponseFinisher::new(&request, id, &config);
    finisher.is_last = !is_reusable;
    let rejection = finisher.add_common_headers(finisher.render(&problem));
    request_metrics::record_rejection(request.method(), id, rejection.status(), arrived);
    request.into_response(rejection)
}

fn config(request: &ServiceRequest) -> Arc<EdgeConfig> {
    let config = request.app_data::<web::Data<EdgeConfig>>();
    config.map_or_else(Arc::default, |config| Arc::clone(config))
}

/// Checks `Host` and duplicate headers, answers CORS preflights, and limits the time of everything else.
async fn handle<B: MessageBody + 'static>(
    config: &EdgeConfig,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let headers = request.headers();
    let checked = head_limit::check(&request)
        .and_then(|()| duplicate_headers::reject(headers))
        .and_then(|()| check_host(headers));
    if let Err(problem) = checked {
        return Ok(request.error_response(problem));
    }
    if cors::is_preflight(&request) && config.cors.of(&request).is_some() {
        return Ok(request.into_response(cors::allow()));
    }
    let response = tokio::time::timeout(config.timeouts.request + GRACE, next.call(request));
    match response.await {
        Ok(response) => response.map(ServiceResponse::map_into_boxed_body),
        Err(_) => {
            tracing::error!("a request took too long");
            Err(Problem::from_status(StatusCode::SERVICE_UNAVAILABLE).into())
        }
    }
}

/// Whether a path, decoded as the router decodes it, is under `/api`.
pub(super) fn is_api(path: &str) -> bool {
    path.strip_prefix("/api")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a path, decoded as above, is a health route, whose responses must not be cached.
pub(super) fn is_health(path: &str) -> bool {
    path.starts_with("/health/")
}

fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

/// The request is gone by now, so the response can only be returned as an error.
fn as_error(response: HttpResponse) -> Error {
    InternalError::from_response("answered at the edge", response).into()
}

/// What all responses to one request have in common.
struct ResponseFinisher {
    id: String,
    api: bool,
    health: bool,
    /// The path with its query.
    target: String,
    is_read: bool,
    /// The page whose form it is, as the browser says.
    referrer: Option<String>,
    /// Renders errors for people; `None` where programs ask.
    pages: Option<web::Data<dyn ErrorPages>>,
    /// The origin of the calling page, if it is allowed.
    origin: Option<HeaderValue>,
    /// Whether the connection is closed afterwards: the rest of the body was not read.
    is_last: bool,
    config: Arc<EdgeConfig>,
}

impl ResponseFinisher {
    fn new(request: &ServiceRequest, id: Uuid, config: &Arc<EdgeConfig>) -> Self {
        let path = request.match_info().as_str();
        let (api, health) = (is_api(path), is_health(path));
        let pages = request.app_data::<web::Data<dyn ErrorPages>>();
        let pages = pages.filter(|_| !api && !health).cloned();
        let target = pages.as_ref().and(request.uri().path_and_query());
        let referrer = pages.as_ref().and(request.headers().get(header::REFERER));
        let referrer = referrer.and_then(|referrer| referrer.to_str().ok());
        Self {
            id: id.to_string(),
            api,
            health,
            target: target.map_or_else(String::new, ToString::to_string),
            is_read: request.method().is_safe(),
            referrer: referrer.map(str::to_owned),
            pages,
            origin: config.cors.of(request),
            is_last: false,
            config: Arc::clone(config),
        }
    }

    fn finish(&self, response: HttpResponse) -> HttpResponse {
        self.add_common_headers(self.as_problem(response))
    }

    fn add_common_headers(&self, mut response: HttpResponse) -> HttpResponse {
        let headers = response.headers_mut();
        let id = HeaderValue::from_str(&self.id).expect("a UUID is plain ASCII");
        headers.insert(X_REQUEST_ID, id);
        if self.api || self.health {
            headers.insert(header::CACHE_CONTROL, NO_STORE);
        }
        if self.api {
            headers.insert(header::VARY, VARY);
        }
        for (name, value) in SECURITY_HEADERS {
            if !headers.contains_key(&name) {
                headers.insert(name, value);
            }
        }
        if self.config.https {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
        }
        self.config.cors.mark(self.origin.as_ref(), headers);
        let is_last = self.is_last || response.status() == StatusCode::REQUEST_TIMEOUT;
        if is_last || self.config.shutdown.is_set() {
            response
                .head_mut()
                .set_connection_type(ConnectionType::Close);
        }
        response
    }

    /// Replaces the body of an error response, and keeps its other headers: `Allow`, and the cookies
    /// that inner layers have set.
    fn as_problem(&self, response: HttpResponse) -> HttpResponse {
        let status = response.status();
        let is_error = status.is_client_error() || status.is_server_error();
        if !is_error || response.extensions().contains::<RenderedPage>() {
            return response;
        }
        let known = response.extensions().get::<Problem>().cloned();
        let problem = known.unwrap_or_else(|| {
            if status.is_server_error() {
                let cause = response.error().map(ToString::to_string);
                tracing::error!(%status, error = cause, "a request failed");
            }
            Problem::from_status(status)
        });

        let (rendered, body) = self.render(&problem).into_parts();
        let mut response = response.set_body(body);
        *response.status_mut() = rendered.status();
        response.headers_mut().remove(header::CONTENT_ENCODING);
        response.headers_mut().remove(header::CONTENT_LENGTH);
        // A page, or the way to the login page, has other ones or none.
        response.headers_mut().remove(header::CONTENT_TYPE);
        response.headers_mut().remove(header::WWW_AUTHENTICATE);
        for (name, value) in rendered.headers() {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response
    }

    /// The problem, as a document or as a page.
    fn render(&self, problem: &Problem) -> HttpResponse {
        match &self.pages {
            Some(pages) => pages.respond(
                problem,
                &FailedRequest {
                    id: &self.id,
                    target: &self.target,
                    is_read: self.is_read,
                    referrer: self.referrer.as_deref(),
                },
            ),
            None => problem.respond(Some(&self.id)),
        }
    }
}
