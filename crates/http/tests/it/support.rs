//! An application with public routes, and its responses.

use std::sync::Arc;

use actix_web::{
    App, FromRequest, HttpRequest, HttpResponse, Responder,
    body::MessageBody,
    dev::Payload,
    http::{ConnectionType, StatusCode, header::HeaderMap},
    middleware::from_fn,
    test::{TestRequest, init_service, try_call_service},
    web,
};
use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use tenantry_http::{
    EdgeConfig, Routes, SessionCookieReader, default_not_found, edge,
    openapi::{DescribeInput, DescribeOutput as Described, Operation},
};

/// A response or an extractor without a description in the OpenAPI document.
pub(super) struct Undocumented<T>(pub(super) T);

impl<T: Responder> Responder for Undocumented<T> {
    type Body = T::Body;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse<T::Body> {
        self.0.respond_to(request)
    }
}

impl<T: Responder<Body: MessageBody> + 'static> Described for Undocumented<T> {
    fn describe(_: &mut Operation<'_>) {}
}

impl<T: FromRequest<Future: 'static>> FromRequest for Undocumented<T> {
    type Error = T::Error;
    type Future = LocalBoxFuture<'static, Result<Self, T::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let inner = T::from_request(request, payload);
        Box::pin(async move { inner.await.map(Self) })
    }
}

impl<T> DescribeInput for Undocumented<T> {
    fn describe(_: &mut Operation<'_>) {}
}

/// No request has a session.
pub(super) struct NoCookies;

impl SessionCookieReader for NoCookies {
    fn cookie_name(&self) -> &str {
        "session"
    }

    fn device_cookie_name(&self) -> &str {
        "device"
    }

    fn pending_login_cookie_name(&self) -> &str {
        "login"
    }

    fn session_key(&self, _: &str) -> Option<String> {
        None
    }
}

/// What the server adds to the routes of every module.
pub(super) fn compose(routes: &Routes) -> impl FnOnce(&mut web::ServiceConfig) {
    move |app: &mut web::ServiceConfig| {
        let credentials: Arc<dyn SessionCookieReader> = Arc::new(NoCookies);
        app.app_data(web::Data::from(credentials));
        routes.configure(app);
        app.default_service(web::to(default_not_found));
    }
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// Whether the connection is closed after it.
    pub(super) closes: bool,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("ASCII"))
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("JSON")
    }

    /// Status, code and the pointers of the invalid fields.
    pub(super) fn problem(&self) -> (u16, String, Vec<String>) {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        assert_eq!(problem["status"], self.status.as_u16());
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        let pointers = errors.iter().map(|error| text(&error["pointer"]));
        (
            self.status.as_u16(),
            text(&problem["code"]),
            pointers.collect(),
        )
    }

    pub(super) fn code(&self) -> (u16, String) {
        let (status, code, _) = self.problem();
        (status, code)
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

/// Sends a request to an application of these routes.
pub(super) async fn send(routes: &Routes, request: TestRequest) -> Answer {
    send_under(&EdgeConfig::default(), routes, request).await
}

/// The same with this configuration.
pub(super) async fn send_under(
    rules: &EdgeConfig,
    routes: &Routes,
    request: TestRequest,
) -> Answer {
    send_with(web::Data::new(rules.clone()), routes, request).await
}

/// The same to an application with more data.
pub(super) async fn send_with<T: 'static>(
    more: web::Data<T>,
    routes: &Routes,
    request: TestRequest,
) -> Answer {
    let app = App::new()
        .app_data(more)
        .configure(compose(routes))
        .wrap(from_fn(edge::middleware));
    let app = init_service(app).await;
    let response = match try_call_service(&app, request.to_request()).await {
        Ok(response) => response.into_parts().1.map_into_boxed_body(),
        Err(error) => error.error_response(),
    };
    let (status, headers) = (response.status(), response.headers().clone());
    let closes = response.head().connection_type() == ConnectionType::Close;
    let bytes = response.into_body().try_into_bytes().expect("a whole body");
    Answer {
        status,
        headers,
        closes,
        text: String::from_utf8(bytes.to_vec()).expect("UTF-8"),
    }
}
