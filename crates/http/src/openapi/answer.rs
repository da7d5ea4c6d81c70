//! What a handler answers, and what that says of its answers.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::{BoxBody, MessageBody},
    http::{StatusCode, header},
    web,
};
use serde::Serialize;

use super::{
    super::{ETag, Problem},
    Operation,
};
use tenantry_core::input::schema::JsonSchema;

/// What a handler answers: it says of itself what the document has to say.
pub trait DescribeOutput: Responder<Body: MessageBody> + 'static {
    /// Adds to the description of the route.
    fn describe(operation: &mut Operation<'_>);
}

impl<T: Serialize + JsonSchema + 'static> DescribeOutput for web::Json<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.response_body::<T>();
    }
}

/// Problems are told of by whatever may refuse, and by the route.
impl<A: DescribeOutput> DescribeOutput for Result<A, Problem> {
    fn describe(operation: &mut Operation<'_>) {
        A::describe(operation);
    }
}

/// 201, with what was made.
#[derive(Clone, Debug)]
pub struct Created<T> {
    body: T,
    location: Option<String>,
}

impl<T> Created<T> {
    /// This was made.
    #[must_use]
    pub const fn new(body: T) -> Self {
        Self {
            body,
            location: None,
        }
    }

    /// It can be read at this path.
    #[must_use]
    pub fn at(mut self, path: String) -> Self {
        self.location = Some(path);
        self
    }
}

impl<T: Serialize> Responder for Created<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Created();
        if let Some(location) = self.location {
            response.insert_header((header::LOCATION, location));
        }
        response.json(self.body)
    }
}

impl<T: Serialize + JsonSchema + 'static> DescribeOutput for Created<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.success_status(StatusCode::CREATED);
        operation.response_body::<T>();
        operation.response_header("Location", false, "The path of what was made");
    }
}

/// 204: it is done, and there is nothing to say.
#[derive(Clone, Copy, Debug)]
pub struct NoContent;

impl Responder for NoContent {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::NoContent().finish()
    }
}

impl DescribeOutput for NoContent {
    fn describe(operation: &mut Operation<'_>) {
        operation.success_status(StatusCode::NO_CONTENT);
    }
}

/// An answer about one version of a thing, with that version as its `ETag`.
#[derive(Clone, Debug)]
pub struct Versioned<A>(pub ETag, pub A);

impl<A: Responder> Responder for Versioned<A> {
    type Body = A::Body;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse<A::Body> {
        let Self(tag, answer) = self;
        let mut response = answer.respond_to(request);
        let (name, value) = tag.header();
        response.headers_mut().insert(name, value);
        response
    }
}

impl<A: DescribeOutput> DescribeOutput for Versioned<A> {
    fn describe(operation: &mut Operation<'_>) {
        A::describe(operation);
        operation.response_header("ETag", true, "The version, for If-Match");
    }
}

/// Plain text.
impl DescribeOutput for &'static str {
    fn describe(operation: &mut Operation<'_>) {
        operation.response_text("text/plain");
    }
}

/// Plain text.
impl DescribeOutput for String {
    fn describe(operation: &mut Operation<'_>) {
        operation.response_text("text/plain");
    }
}
