//! Unknown paths.

use actix_web::http::StatusCode;

use super::Problem;

/// The application's default service: 404 for every path without a route.
pub async fn default_not_found() -> Problem {
    Problem::from_status(StatusCode::NOT_FOUND)
}
