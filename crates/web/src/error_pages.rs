//! The pages of errors. One page for each status: it says nothing about what was asked for.

use std::sync::Arc;

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use tenantry_core::{access::AccessError, error::DomainError as _};
use tenantry_http::{ErrorPages, FailedRequest, Problem};

use crate::{
    Brand,
    assets::{ASSETS, Assets, accent_path},
    html::Reply,
    next::Next,
};

/// Renders errors for people.
pub(crate) struct Pages {
    brand: Arc<Brand>,
}

impl Pages {
    pub(crate) const fn new(brand: Arc<Brand>) -> Self {
        Self { brand }
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'p> {
    brand: &'p Brand,
    assets: &'static Assets,
    accent: String,
    title: &'static str,
    text: &'p str,
    hint: &'static str,
    request: &'p str,
}

impl ErrorPages for Pages {
    fn respond(&self, problem: &Problem, failed: &FailedRequest<'_>) -> HttpResponse {
        let status = problem.status();
        if status == StatusCode::UNAUTHORIZED {
            let next = Next::of(failed.target).filter(|_| failed.is_read);
            let login = next.map_or_else(|| "/login".to_owned(), |next| next.login());
            return Reply::see_other(login).into_response();
        }
        if problem.code() == AccessError::EmailNotVerified.code() && failed.is_read {
            return Reply::see_other("/account/email").into_response();
        }
        let (title, hint) = words(status);
        // Every 404 is the same page: its detail would tell a row from an organization.
        let text = if status == StatusCode::NOT_FOUND {
            "There is nothing at this address, or nothing that you may see."
        } else {
            problem.detail()
        };
        let page = ErrorPage {
            brand: &self.brand,
            assets: &ASSETS,
            accent: accent_path(self.brand.accent),
            title,
            text,
            hint,
            request: failed.id,
        };
        let mut response = match Reply::with_status(status, &page) {
            Ok(reply) => reply.into_response(),
            Err(problem) => problem.respond(Some(failed.id)),
        };
        for (name, value) in problem.headers() {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        response
    }
}

/// The heading of a status, and what to do.
fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status.as_u16() {
        403 => (
            "Not allowed",
            "Ask an administrator of the organization if you need this.",
        ),
        404 => (
            "Nothing here",
            "Check the address, or go to the start page.",
        ),
        405 => (
            "This can't be done here",
            "Go back and use the page's own buttons.",
        ),
        409 => ("This does not fit", "Go back, and look at the page again."),
        410 => ("No longer there", "Ask for a new link."),
        412 => (
            "Changed in the meantime",
            "Go back, and look at the page again.",
        ),
        413 => ("Too much at once", "Send less."),
        429 => ("Too many requests", "Wait a moment, then try again."),
        503 => ("Away for a moment", "Try again in a moment."),
        500.. => (
            "Something went wrong",
            "Try again. If it stays, tell the operator the number below.",
        ),
        _ => (
            "This could not be understood",
            "Go back and use the page's own links and buttons.",
        ),
    }
}
