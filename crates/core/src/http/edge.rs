//! The outermost layer: every request gets an id, every answer its final form.

use std::{any::Any, panic::AssertUnwindSafe};

use actix_web::{
    Error, HttpMessage as _, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::header::{self, HeaderName, HeaderValue},
    middleware::Next,
    web,
};
use futures_util::FutureExt as _;
use tracing::Instrument as _;

use super::{Problem, observed::Observed, problem};
use crate::{entropy::Sources, id::Uuid};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const VARY: HeaderValue = HeaderValue::from_static("Cookie, Authorization, X-Organization-Slug");

/// The id of a request: ours alone, because a client could choose one to hide among others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(pub Uuid);

/// The middleware to wrap an application in, outside of every other one:
/// `App::new().wrap(from_fn(edge::problems))`.
///
/// It gives the request a [`RequestId`] and a tracing span of that id, answers panics, and turns
/// every refusal of whatever origin into a [`Problem`] with the id in it. All answers carry
/// `X-Request-Id`; those under `/api` also `Cache-Control: no-store` and `Vary`. Each answer is
/// counted, and is one line in the log, of the target `access`.
///
/// Ids come from the `web::Data<Sources>` of the application, or from the machine.
///
/// # Errors
/// What the inner layers could not answer themselves leaves as an error that holds the finished
/// answer: an outer layer can't make another one of it.
pub async fn problems(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id: Uuid = match request.app_data::<web::Data<Sources>>() {
        Some(sources) => sources.id(),
        None => Sources::system().id(),
    };
    request.extensions_mut().insert(RequestId(id));
    let answer = Answer {
        id: id.to_string(),
        api: is_api(request.match_info().as_str()),
    };
    let observed = Observed::begin(&request);
    let span = observed.span(id);

    async move {
        let inner = async move { next.call(request).await };
        let answered = match AssertUnwindSafe(inner).catch_unwind().await {
            Ok(Ok(response)) => {
                let (request, response) = response.into_parts();
                let response = answer.finish(response.map_into_boxed_body());
                Ok(ServiceResponse::new(request, response))
            }
            Ok(Err(error)) => Err(answer.finish(error.error_response())),
            Err(panic) => {
                let problem = Problem::bug(&format!("a panic: {}", message(&*panic)));
                Err(answer.finish(problem.respond(None)))
            }
        };
        observed.answered(match &answered {
            Ok(response) => response.status(),
            Err(response) => response.status(),
        });
        answered.map_err(as_error)
    }
    .instrument(span)
    .await
}

/// Whether a path, decoded as the router decodes it, is under `/api`.
pub(super) fn is_api(path: &str) -> bool {
    path.strip_prefix("/api")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
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
}

impl Answer {
    fn finish(&self, response: HttpResponse) -> HttpResponse {
        let mut response = self.as_problem(response);
        let headers = response.headers_mut();
        let id = HeaderValue::from_str(&self.id).expect("a UUID is plain ASCII");
        headers.insert(X_REQUEST_ID, id);
        if self.api {
            headers.insert(header::CACHE_CONTROL, NO_STORE);
            headers.insert(header::VARY, VARY);
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
            Problem::of_status(status)
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
