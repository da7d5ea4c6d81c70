//! The viewer: Swagger UI, out of this very program.

use std::{borrow::Cow, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{StatusCode, header},
    web,
};
use tenantry_core::http::{
    Access, Problem, Routes,
    openapi::{Answer, Operation},
};
use utoipa_swagger_ui::Config;

/// Scripts and styles of our own alone. The viewer paints icons that are written into its style
/// sheet, and asks for nothing but the document and what people try out with it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// What the page needs of the viewer; the rest of it is not served.
const PARTS: [&str; 3] = [
    "favicon-32x32.png",
    "swagger-ui-bundle.js",
    "swagger-ui.css",
];

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/docs", Access::anyone(), page)
        .says("get_docs", "A viewer of this document")
        .get("/docs/{file}", Access::anyone(), part)
        .says("get_docs_file", "A part of the viewer")
        .refuses_as(StatusCode::NOT_FOUND, "not_found")
}

async fn page() -> Page {
    Page(include_str!("index.html"))
}

async fn part(file: web::Path<String>) -> Result<Part, Problem> {
    let found = match file.as_str() {
        "start.js" => Some(Part {
            media_type: "text/javascript".to_owned(),
            bytes: include_bytes!("start.js").into(),
        }),
        name if PARTS.contains(&name) => vendored(name),
        _ => None,
    };
    found.ok_or_else(|| Problem::of_status(StatusCode::NOT_FOUND))
}

fn vendored(name: &str) -> Option<Part> {
    let found = utoipa_swagger_ui::serve(name, Arc::new(Config::default()));
    // It fails in writing a configuration alone, and none is asked for.
    let file = found.ok().flatten()?;
    Some(Part {
        media_type: file.content_type,
        bytes: file.bytes,
    })
}

/// The page that shows the document.
struct Page(&'static str);

impl Responder for Page {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header(header::ContentType::html())
            .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(self.0)
    }
}

impl Answer for Page {
    fn describe(operation: &mut Operation<'_>) {
        operation.answers_text("text/html");
        let policy = "What the page may load: what is on this host";
        operation.answers_header("Content-Security-Policy", true, policy);
        no_sniffing(operation);
    }
}

/// A script, a style sheet, an icon.
struct Part {
    media_type: String,
    bytes: Cow<'static, [u8]>,
}

impl Responder for Part {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, self.media_type))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(self.bytes.into_owned())
    }
}

impl Answer for Part {
    fn describe(operation: &mut Operation<'_>) {
        operation.answers_text("*/*");
        no_sniffing(operation);
    }
}

fn no_sniffing(operation: &mut Operation<'_>) {
    let description = "That the media type is meant";
    operation.answers_header("X-Content-Type-Options", true, description);
}
