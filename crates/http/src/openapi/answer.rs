//! The description of a handler's responses.

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

/// A response that describes itself for the document.
pub trait DescribeOutput: Responder<Body: MessageBody> + 'static {
    /// Adds to the description of the route.
    fn describe(operation: &mut Operation<'_>);
}

impl<T: Serialize + JsonSchema + 'static> DescribeOutput for web::Json<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.response_body::<T>();
    }
}

/// The extractors and the route describe the errors.
impl<A: DescribeOutput> DescribeOutput for Result<A, Problem> {
    fn describe(operation: &mut Operation<'_>) {
        A::describe(operation);
    }
}

/// 201 with the created resource.
#[derive(Clone, Debug)]
pub struct Created<T> {
    body: T,
    location: Option<String>,
}

impl<T> Created<T> {
    /// A created resource.
    #[must_use]
    pub const fn new(body: T) -> Self {
        Self {
            body,
            location: None,
        }
    }

    /// Its path.
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

/// 202 with a body: what was asked for happens after the response.
#[derive(Clone, Copy, Debug)]
pub struct Accepted<T>(pub T);

impl<T: Serialize> Responder for Accepted<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Accepted().json(self.0)
    }
}

impl<T: Serialize + JsonSchema + 'static> DescribeOutput for Accepted<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.success_status(StatusCode::ACCEPTED);
        operation.response_body::<T>();
    }
}

/// 204 without a body.
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

/// A response with the version of the resource as its `ETag`.
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
