//! Cross-origin requests (CORS).

use std::str::FromStr;

use actix_web::{
    HttpResponse,
    dev::ServiceRequest,
    http::{
        Method,
        header::{self, HeaderMap, HeaderValue},
    },
};
use url::Url;

/// The origins whose pages may call the API, such as `https://app.example.com`. None by default.
///
/// They call with a token: browsers are not allowed to send the session cookie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorsOrigins(Vec<HeaderValue>);

/// Origins separated by commas, each as a browser writes it. A default port, which no browser
/// writes, is left out.
impl FromStr for CorsOrigins {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str =
            "must be origins such as https://app.example.com, with commas between, without a path";
        let origin = |part: &str| {
            let part = part.trim();
            let url = Url::parse(part).map_err(|_| EXPECTED)?;
            let default_port = match url.scheme() {
                "http" => ":80",
                "https" => ":443",
                _ => return Err(EXPECTED),
            };
            let origin = url.origin().ascii_serialization();
            let written = part.strip_suffix(default_port).unwrap_or(part);
            // A host of other letters than ASCII's, which browsers send in Punycode.
            let is_international = !part.is_ascii()
                && written
                    .rsplit('/')
                    .next()
                    .is_some_and(|host| !host.is_ascii())
                && url.path() == "/"
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none();
            let is_origin = written == origin || is_international;
            if !is_origin || origin.contains('*') || url.port() == Some(0) {
                return Err(EXPECTED);
            }
            HeaderValue::from_str(&origin).map_err(|_| EXPECTED)
        };
        text.split(',')
            .map(origin)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl CorsOrigins {
    /// The origin of a request, if it is one of them.
    pub(super) fn of(&self, request: &ServiceRequest) -> Option<HeaderValue> {
        let origin = request.headers().get(header::ORIGIN)?;
        self.0.contains(origin).then(|| origin.clone())
    }

    /// Adds the headers for the page that may read the response.
    pub(super) fn mark(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        if self.0.is_empty() {
            return;
        }
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = origin {
            const SHOWN: &str = "ETag, Location, Retry-After, X-Request-Id";
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            let shown = HeaderValue::from_static(SHOWN);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, shown);
        }
    }
}

/// Whether this is a preflight request.
pub(super) fn is_preflight(request: &ServiceRequest) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The response to a preflight: pages of configured origins may send all methods and headers of the
/// API.
pub(super) fn allow() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((
            header::ACCESS_CONTROL_ALLOW_METHODS,
            "GET, HEAD, POST, PATCH, DELETE",
        ))
        .insert_header((
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Authorization, Content-Type, If-Match, X-Organization-Slug",
        ))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, "600"))
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_origins_are_accepted() {
        for text in [
            "",
            "*",
            "app.example.com",
            "https://",
            "https://app.example.com/",
            "ftp://a.example",
            "https://*.example.com",
            "https://App.example.com",
            "null",
            "https://a.example,",
            "https://ada@a.example",
        ] {
            text.parse::<CorsOrigins>().expect_err(text);
        }
        let two = "https://app.example.com, http://localhost:3000";
        two.parse::<CorsOrigins>().expect("both");
    }
}
