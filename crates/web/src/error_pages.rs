//! The pages of errors. One page for each status: it says nothing about what was asked for.

use std::sync::Arc;

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use tenantry_core::{access::AccessError, error::DomainError as _, value::Slug};
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
        if let Some(path) = way_out(problem, failed) {
            return Reply::see_other(path).into_response();
        }
        let status = problem.status();
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

/// The page where people do what the request lacked, if there is one.
fn way_out(problem: &Problem, failed: &FailedRequest<'_>) -> Option<String> {
    if problem.status() == StatusCode::UNAUTHORIZED {
        let next = Next::of(failed.target).filter(|_| failed.is_read);
        return Some(next.map_or_else(|| "/login".to_owned(), |next| next.login()));
    }
    let is_about = |error: AccessError| problem.code() == error.code();
    if is_about(AccessError::EmailNotVerified) && failed.is_read {
        return Some("/account/email".to_owned());
    }
    if is_about(AccessError::SecondFactorRequired) {
        let page = page_of(failed);
        return Some(page.map_or_else(|| "/account/verify".to_owned(), |page| page.verify()));
    }
    if is_about(AccessError::SecondFactorMissing) {
        let security = "/account/security";
        let slug = organization_of(failed.target);
        return Some(slug.map_or_else(
            || security.to_owned(),
            |slug| format!("{security}?required_by={slug}"),
        ));
    }
    None
}

/// The page itself, or the page whose form was refused: most forms are sent to the address of their page.
fn page_of(failed: &FailedRequest<'_>) -> Option<Next> {
    let sent_from = failed.referrer.filter(|_| !failed.is_read);
    let page = sent_from.and_then(Next::of_page);
    page.or_else(|| Next::of(failed.target))
}

/// The slug in the address of an organization's page.
fn organization_of(target: &str) -> Option<Slug> {
    let rest = target.strip_prefix("/o/")?;
    rest.split(['/', '?']).next()?.parse().ok()
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
