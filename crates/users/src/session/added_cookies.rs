//! Cookies of this module beside the session's, sent with the response after it is known which sessions
//! the response replaces.

use actix_web::{HttpMessage as _, HttpRequest, cookie::Cookie, dev::ServiceResponse};

#[derive(Default)]
struct AddedCookies(Vec<Cookie<'static>>);

/// Has a cookie sent with the response.
pub(super) fn add(request: &HttpRequest, cookie: Cookie<'static>) {
    let mut extensions = request.extensions_mut();
    let mut added: AddedCookies = extensions.remove().unwrap_or_default();
    added.0.push(cookie);
    extensions.insert(added);
}

/// Sends them.
pub(super) fn send<B>(response: &mut ServiceResponse<B>) {
    let added = response.request().extensions_mut().remove();
    let AddedCookies(added) = added.unwrap_or_default();
    for cookie in added {
        let sent = response.response_mut().add_cookie(&cookie);
        sent.expect("letters, digits, hyphens and dots are a valid cookie");
    }
}
