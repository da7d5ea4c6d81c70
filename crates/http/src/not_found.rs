//! Unknown paths.

use actix_web::{HttpRequest, http::StatusCode};

use super::{CALLER_REQUESTS, Problem, RateLimiter, edge::is_api};

/// The application's default service: 404 for every path without a route. Under `/api` it counts
/// against the limit of the client's address, as every request there does.
pub async fn default_not_found(request: HttpRequest) -> Problem {
    if is_api(request.match_info().as_str())
        && let Err(limited) = RateLimiter::of(&request).check_address(CALLER_REQUESTS)
    {
        return limited;
    }
    Problem::from_status(StatusCode::NOT_FOUND)
}
