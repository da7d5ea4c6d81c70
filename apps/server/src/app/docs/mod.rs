//! The OpenAPI document, and a viewer of it that loads nothing from other hosts.

mod viewer;

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::header, web};
use serde_json::Value;
use tenantry_http::{
    Access, Routes,
    openapi::{self, ApiInfo, DescribeOutput, Operation},
};

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::new()
        .tag("docs", "A viewer of this document")
        .tag("openapi", "This document")
        .get("/api/openapi.json", Access::anyone(), serve)
        .operation("get_openapi", "This document")
        .merge(viewer::routes())
}

/// The OpenAPI document of these routes.
#[must_use]
pub fn document(routes: &Routes) -> Value {
    let about = ApiInfo {
        title: "Tenantry",
        version: env!("CARGO_PKG_VERSION"),
        description: include_str!("about.md"),
        license: env!("CARGO_PKG_LICENSE"),
        contact: "The operator of this deployment",
        cookie: "tenantry_session",
    };
    openapi::document(about, routes)
}

/// The serialized document.
#[derive(Clone)]
pub(super) struct Document(web::Bytes);

impl Document {
    pub(super) fn of(routes: &Routes) -> Self {
        Self(document(routes).to_string().into())
    }
}

async fn serve(document: web::Data<Document>) -> Document {
    document.get_ref().clone()
}

impl Responder for Document {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header(header::ContentType::json())
            .body(self.0)
    }
}

impl DescribeOutput for Document {
    fn describe(operation: &mut Operation<'_>) {
        operation.response_body::<serde_json::Map<String, Value>>();
    }
}
