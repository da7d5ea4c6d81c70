//! Error responses for people.

use actix_web::HttpResponse;

use super::Problem;

/// Renders the errors of everything that is not the API, as `web::Data<dyn ErrorPages>`. Without it,
/// and under `/api` and `/health`, every error is a [`Problem`].
pub trait ErrorPages: Send + Sync {
    /// The response. The edge adds the headers that all responses have in common.
    fn respond(&self, problem: &Problem, failed: &FailedRequest<'_>) -> HttpResponse;
}

/// In the extensions of a response: the handler rendered the page that people see, such as a form with
/// its mistakes, and the edge keeps it whatever its status is.
#[derive(Clone, Copy, Debug)]
pub struct RenderedPage;

/// The request that a page of an error is for.
#[derive(Clone, Copy, Debug)]
pub struct FailedRequest<'r> {
    /// Its id.
    pub id: &'r str,
    /// Its path with its query.
    pub target: &'r str,
    /// Whether it reads only.
    pub is_read: bool,
    /// The address of the page whose form it is, if the browser says it.
    pub referrer: Option<&'r str>,
}
