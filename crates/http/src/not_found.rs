//! Paths that lead nowhere.

use actix_web::http::StatusCode;

use super::Problem;

/// The application's default service: the 404 of every path that no route has.
pub async fn default_not_found() -> Problem {
    Problem::from_status(StatusCode::NOT_FOUND)
}
