//! The viewer: Swagger UI, embedded in the binary.

use std::{borrow::Cow, sync::Arc};

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::header, web::Bytes};
use tenantry_http::{
    Access, Problem, Routes,
    openapi::{DescribeOutput, Operation},
};
use utoipa_swagger_ui::Config;

/// Only scripts and styles from this host. `data:` images are for the icons in the viewer's style
/// sheet; it connects only to the API.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/docs", Access::anyone(), page)
        .operation("get_docs", "A viewer of this document")
        .get("/docs/start.js", Access::anyone(), start)
        .no_operation()
        .get("/docs/swagger-ui-bundle.js", Access::anyone(), async || {
            vendored("swagger-ui-bundle.js")
        })
        .no_operation()
        .get("/docs/swagger-ui.css", Access::anyone(), async || {
            vendored("swagger-ui.css")
        })
        .no_operation()
        .get("/docs/favicon-32x32.png", Access::anyone(), async || {
            vendored("favicon-32x32.png")
        })
        .no_operation()
}

async fn page() -> Page {
    Page(include_str!("index.html"))
}

async fn start() -> Asset {
    Asset {
        media_type: "text/javascript".to_owned(),
        bytes: include_bytes!("start.js").into(),
    }
}

/// One file of the viewer. Only the listed files are served.
fn vendored(name: &str) -> Result<Asset, Problem> {
    let found = utoipa_swagger_ui::serve(name, Arc::new(Config::default()));
    // It can only fail for the configuration file, which is not requested.
    let file = found.ok().flatten();
    let file = file.ok_or_else(|| Problem::internal("a file of the viewer is missing"))?;
    Ok(Asset {
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

impl DescribeOutput for Page {
    fn describe(operation: &mut Operation<'_>) {
        operation.response_text("text/html");
        let policy = "What the page may load: what is on this host";
        operation.response_header("Content-Security-Policy", true, policy);
        no_sniffing(operation);
    }
}

/// A script, a style sheet or an icon.
struct Asset {
    media_type: String,
    bytes: Cow<'static, [u8]>,
}

impl Responder for Asset {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, self.media_type))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .body(match self.bytes {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => bytes.into(),
            })
    }
}

impl DescribeOutput for Asset {
    fn describe(operation: &mut Operation<'_>) {
        operation.response_text("*/*");
        no_sniffing(operation);
    }
}

fn no_sniffing(operation: &mut Operation<'_>) {
    let description = "That the media type is meant";
    operation.response_header("X-Content-Type-Options", true, description);
}
