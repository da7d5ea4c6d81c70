//! A page as a response.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
};
use askama::Template;
use tenantry_http::{Problem, RenderedPage};

/// Only files of this server; no inline code, no inline style, no frame around a page. Scripts reach this
/// server alone, which the one for passkeys does.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
/// Forms of a page send its `Origin`; with `no-referrer` browsers would send `null` (Fetch, section 3.2).
/// No other site gets an address, and none holds a secret.
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
const COOKIE: HeaderValue = HeaderValue::from_static("Cookie");

/// What a page or a form answers with.
pub(crate) type Answer = Result<Reply, Problem>;

/// A page, or the address of another one.
#[derive(Debug)]
pub(crate) enum Reply {
    Page(StatusCode, String),
    SeeOther(String),
}

impl Reply {
    /// A page.
    pub(crate) fn page(template: &impl Template) -> Answer {
        Self::with_status(StatusCode::OK, template)
    }

    /// The same page with a form that has mistakes.
    pub(crate) fn invalid(template: &impl Template) -> Answer {
        Self::with_status(StatusCode::UNPROCESSABLE_ENTITY, template)
    }

    pub(crate) fn with_status(status: StatusCode, template: &impl Template) -> Answer {
        let rendered = template.render();
        let html = rendered.map_err(|error| {
            Problem::internal(&format!("a page could not be rendered: {error}"))
        })?;
        Ok(Self::Page(status, html))
    }

    /// After a form: the browser reads another page of ours.
    pub(crate) fn see_other(path: impl Into<String>) -> Self {
        Self::SeeOther(path.into())
    }

    pub(crate) fn into_response(self) -> HttpResponse {
        match self {
            Self::Page(status, html) => {
                let mut page = HttpResponse::build(status)
                    .insert_header((header::CONTENT_TYPE, HTML))
                    .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
                    .insert_header((header::CACHE_CONTROL, NO_STORE))
                    .insert_header((header::VARY, COOKIE))
                    .insert_header((header::REFERRER_POLICY, SAME_ORIGIN))
                    .body(html);
                page.extensions_mut().insert(RenderedPage);
                page
            }
            Self::SeeOther(path) => HttpResponse::SeeOther()
                .insert_header((header::LOCATION, path))
                .insert_header((header::CACHE_CONTROL, NO_STORE))
                .insert_header((header::VARY, COOKIE))
                .finish(),
        }
    }
}

impl Responder for Reply {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.into_response()
    }
}
