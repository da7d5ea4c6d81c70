//! The outermost layer: every request gets an id, every answer its final form.

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
    ConcurrencyLimiter, CorsOrigins, Problem, Timeouts, TrustedProxies,
    connection_timeout::ConnectionTimer,
    cors, duplicate_headers, problem,
    request_metrics::{self, Observed},
};
use tenantry_core::{id::Uuid, runtime::Runtime};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const VARY: HeaderValue = HeaderValue::from_static("Cookie, Authorization, X-Organization-Slug");

/// For a year, no browser comes without HTTPS again.
const HTTPS_ALONE: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// What browsers are told about every answer, unless it says something else itself: it is what it
/// says it is, no page, part of no page, and where it led from is nobody's business.
pub(super) const PROTECTION: [(HeaderName, HeaderValue); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (
        header::CROSS_ORIGIN_RESOURCE_POLICY,
        HeaderValue::from_static("same-origin"),
    ),
];

/// The id of a request: ours alone, because a client could choose one to hide among others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(pub Uuid);

/// What holds for every request of a worker, as `web::Data`. Without it nobody is trusted and
/// nothing is allowed.
#[derive(Clone, Debug, Default)]
pub struct EdgeConfig {
    /// Who may say where a request came from.
    pub proxies: TrustedProxies,
    /// Whose pages may call.
    pub cors: CorsOrigins,
    /// Whether people come over HTTPS, and are to do so from now on.
    pub https: bool,
    /// How long a request may take.
    pub timeouts: Timeouts,
    /// Those that this worker has under way.
    pub concurrency: ConcurrencyLimiter,
    /// Whether the server is about to stop.
    pub shutdown: ShutdownFlag,
}

/// Whether a server is about to stop. Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct ShutdownFlag(Arc<AtomicBool>);

impl ShutdownFlag {
    /// From now on each answer is the last one of its connection, so that clients go elsewhere.
    pub fn start(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it is.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How much longer than its own body a request may take: the body's refusal says more.
const GRACE: Duration = Duration::from_secs(1);

/// The middleware to wrap an application in, outside of every other one:
/// `App::new().wrap(from_fn(edge::middleware))`.
///
/// It gives the request a [`RequestId`] and a tracing span of that id, answers panics, and turns
/// every refusal of whatever origin into a [`Problem`] with the id in it. All answers carry
/// `X-Request-Id`; those under `/api` also `Cache-Control: no-store` and `Vary`, and those of health
/// routes the former. Each answer is counted, and is one line in the log, of the target `access`.
///
/// Ids come from the `web::Data<Runtime>` of the application, or from the machine.
///
/// # Errors
/// What the inner layers could not answer themselves leaves as an error that holds the finished
/// answer: an outer layer can't make another one of it.
pub async fn middleware(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id: Uuid = match request.app_data::<web::Data<Runtime>>() {
        Some(runtime) => runtime.new_id(),
        None => Runtime::system().new_id(),
    };
    let rules = rules(&request);
    let arrived = Instant::now();
    let connection = ConnectionTimer::of(&request);
    connection.begun();
    let place = if is_health(request.match_info().as_str()) {
        // Whoever watches the process has to hear of it, above all when there is much to do.
        rules.concurrency.enter_now()
    } else {
        match rules.concurrency.enter().await {
            Ok(place) => Some(place),
            Err(problem) => {
                let refused = refuse(request, id, rules, problem, arrived);
                connection.answered(refused.status());
                return Ok(refused);
            }
        }
    };
    let peer = request.peer_addr().map(|peer| peer.ip());
    let client = rules.proxies.client(peer, request.headers());
    request.extensions_mut().insert(RequestId(id));
    request.extensions_mut().insert(client);
    if let Some(place) = &place {
        request.extensions_mut().insert(Arc::downgrade(place));
    }
    let answer = Answer::to(&request, id, &rules);
    let observed = Observed::begin(&request, arrived);
    let span = observed.span(id, client);

    async move {
        let inner = async move {
            let _place = place;
            handle(&rules, request, next).await
        };
        let answered = match AssertUnwindSafe(inner).catch_unwind().await {
            Ok(Ok(response)) => {
                let (request, response) = response.into_parts();
                let response = answer.finish(response.map_into_boxed_body());
                Ok(ServiceResponse::new(request, response))
            }
            Ok(Err(error)) => Err(answer.finish(error.error_response())),
            Err(panic) => {
                let problem = Problem::internal(&format!("a panic: {}", message(&*panic)));
                Err(answer.finish(problem.respond(None)))
            }
        };
        let status = match &answered {
            Ok(response) => response.status(),
            Err(response) => response.status(),
        };
        connection.answered(status);
        observed.answered(status);
        answered.map_err(as_error)
    }
    .instrument(span)
    .await
}

/// Refuses for want of room, with as little work as can be: each refusal takes from those inside.
fn refuse(
    request: ServiceRequest,
    id: Uuid,
    rules: Arc<EdgeConfig>,
    problem: Problem,
    arrived: Instant,
) -> ServiceResponse<BoxBody> {
    let answer = Answer::to(&request, id, &rules);
    let refusal = answer.sign(problem.respond(Some(&answer.id)));
    request_metrics::refused(request.method(), id, refusal.status(), arrived);
    request.into_response(refusal)
}

fn rules(request: &ServiceRequest) -> Arc<EdgeConfig> {
    let rules = request.app_data::<web::Data<EdgeConfig>>();
    rules.map_or_else(Arc::default, |rules| Arc::clone(rules))
}

/// What is refused, or answered, before anything else looks at a request; and the time that all
/// the rest has.
async fn handle<B: MessageBody + 'static>(
    rules: &EdgeConfig,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Err(problem) = duplicate_headers::refuse(request.headers()) {
        return Ok(request.error_response(problem));
    }
    if cors::is_preflight(&request) && rules.cors.of(&request).is_some() {
        return Ok(request.into_response(cors::allow()));
    }
    let answered = tokio::time::timeout(rules.timeouts.request + GRACE, next.call(request)).await;
    match answered {
        Ok(answered) => answered.map(ServiceResponse::map_into_boxed_body),
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

/// Whether a path, decoded as above, tells how this process fares, which is true for a moment.
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

/// The request is lost by now, so the answer can only travel as an error.
fn as_error(answer: HttpResponse) -> Error {
    InternalError::from_response("answered at the edge", answer).into()
}

/// What is the same for every answer to one request.
struct Answer {
    id: String,
    api: bool,
    health: bool,
    /// Of a page that may read it.
    origin: Option<HeaderValue>,
    rules: Arc<EdgeConfig>,
}

impl Answer {
    fn to(request: &ServiceRequest, id: Uuid, rules: &Arc<EdgeConfig>) -> Self {
        Self {
            id: id.to_string(),
            api: is_api(request.match_info().as_str()),
            health: is_health(request.match_info().as_str()),
            origin: rules.cors.of(request),
            rules: Arc::clone(rules),
        }
    }

    fn finish(&self, response: HttpResponse) -> HttpResponse {
        self.sign(self.as_problem(response))
    }

    /// Gives an answer that is finished but for them the headers that all have.
    fn sign(&self, mut response: HttpResponse) -> HttpResponse {
        let headers = response.headers_mut();
        let id = HeaderValue::from_str(&self.id).expect("a UUID is plain ASCII");
        headers.insert(X_REQUEST_ID, id);
        if self.api || self.health {
            headers.insert(header::CACHE_CONTROL, NO_STORE);
        }
        if self.api {
            headers.insert(header::VARY, VARY);
        }
        for (name, value) in PROTECTION {
            if !headers.contains_key(&name) {
                headers.insert(name, value);
            }
        }
        if self.rules.https {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HTTPS_ALONE);
        }
        self.rules.cors.mark(self.origin.as_ref(), headers);
        let is_last = response.status() == StatusCode::REQUEST_TIMEOUT;
        if is_last || self.rules.shutdown.is_set() {
            response
                .head_mut()
                .set_connection_type(ConnectionType::Close);
        }
        response
    }

    /// Rewrites a refusal's body, and keeps its other headers: `Allow`, and the cookies that
    /// inner layers have set.
    fn as_problem(&self, response: HttpResponse) -> HttpResponse {
        let status = response.status();
        if !status.is_client_error() && !status.is_server_error() {
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

        let (written, body) = problem.respond(Some(&self.id)).into_parts();
        let mut response = response.set_body(body);
        *response.status_mut() = written.status();
        response.headers_mut().remove(header::CONTENT_ENCODING);
        response.headers_mut().remove(header::CONTENT_LENGTH);
        for (name, value) in written.headers() {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        debug_assert_eq!(
            response.headers().get(header::CONTENT_TYPE),
            Some(&problem::CONTENT_TYPE)
        );
        response
    }
}
