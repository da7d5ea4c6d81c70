//! The sessions that a new cookie replaces.

use actix_web::{
    Error, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
};
use tenantry_core::{
    access::Actor,
    db::{Database, DbError},
};
use tenantry_http::{Problem, SessionCookies};

use super::{SessionDigest, added_cookies};
use crate::store::sessions;

/// A response that sets or removes the session cookie ends every session that the request named. A
/// browser may send several cookies, and one of another path would come before the new one. Afterwards
/// the other cookies are added: the mark of a device on which a person signed in, the key of a login that
/// waits for the second factor.
///
/// # Errors
/// Those of the inner layers, and a 503 while the database is away.
pub async fn end_replaced_sessions<B: MessageBody>(
    database: Database,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let named: Option<SessionCookies> = request.extensions().get().cloned();
    let mut response = next.call(request).await?;
    let named = named.unwrap_or_default();
    // The session middleware has ended the first one.
    let others = named.keys().get(1..).unwrap_or_default();
    if !others.is_empty() && response.headers().contains_key(header::SET_COOKIE) {
        end(&database, others).await.map_err(Problem::from)?;
    }
    // Only now: they are no session cookies.
    added_cookies::send(&mut response);
    Ok(response)
}

async fn end(database: &Database, keys: &[String]) -> Result<(), DbError> {
    let mut work = database.begin(Actor::system());
    let rows = work.global().await?;
    for key in keys {
        sessions::delete_by_digest(&rows, SessionDigest::of(key)).await?;
    }
    work.commit().await
}
