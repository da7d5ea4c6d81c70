//! The viewer: Swagger UI, out of this very program.

use std::{borrow::Cow, sync::Arc};

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::header, web::Bytes};
use tenantry_http::{
    Access, Problem, Routes,
    openapi::{DescribeOutput, Operation},
};
use utoipa_swagger_ui::Config;

/// Scripts and styles of our own alone. The viewer paints icons that are written into its style
/// sheet, and asks for nothing but the document and what people try out with it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/docs", Access::anyone(), page)
        .says("get_docs", "A viewer of this document")
        .get("/docs/start.js", Access::anyone(), start)
        .says("get_docs_start", "What starts the viewer")
        .get("/docs/swagger-ui-bundle.js", Access::anyone(), async || {
            vendored("swagger-ui-bundle.js")
        })
        .says("get_docs_script", "The viewer itself")
        .get("/docs/swagger-ui.css", Access::anyone(), async || {
            vendored("swagger-ui.css")
        })
        .says("get_docs_style", "The viewer's style sheet")
        .get("/docs/favicon-32x32.png", Access::anyone(), async || {
            vendored("favicon-32x32.png")
        })
        .says("get_docs_icon", "The viewer's icon")
}

async fn page() -> Page {
    Page(include_str!("index.html"))
}

async fn start() -> Part {
    Part {
        media_type: "text/javascript".to_owned(),
        bytes: include_bytes!("start.js").into(),
    }
}

/// A file of the viewer; the rest of them is not served.
fn vendored(name: &str) -> Result<Part, Problem> {
    let found = utoipa_swagger_ui::serve(name, Arc::new(Config::default()));
    // It fails in writing a configuration alone, and none is asked for.
    let file = found.ok().flatten();
    let file = file.ok_or_else(|| Problem::internal("the viewer is not what it was"))?;
    Ok(Part {
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
            .body(match self.bytes {
                Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                Cow::Owned(bytes) => bytes.into(),
            })
    }
}

impl DescribeOutput for Part {
    fn describe(operation: &mut Operation<'_>) {
        operation.answers_text("*/*");
        no_sniffing(operation);
    }
}

fn no_sniffing(operation: &mut Operation<'_>) {
    let description = "That the media type is meant";
    operation.answers_header("X-Content-Type-Options", true, description);
}
