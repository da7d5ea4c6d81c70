//! A request to send.

use reqwest::{
    RequestBuilder,
    header::{CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde::Serialize;
use serde_json::Value;

use super::{Answer, Exchange, exchange::ExchangeObserver};

/// A request that can still be changed before it is sent.
#[derive(Debug)]
#[must_use = "nothing is sent without `send`"]
pub struct Call {
    request: RequestBuilder,
    observer: Option<ExchangeObserver>,
}

impl Call {
    pub(super) fn new(request: RequestBuilder, observer: Option<ExchangeObserver>) -> Self {
        Self { request, observer }
    }

    fn map(self, change: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Self {
        Self::new(change(self.request), self.observer)
    }

    /// Adds a header. The same name twice is two headers; the value may be any bytes that HTTP
    /// can carry.
    ///
    /// # Panics
    /// When HTTP can't carry it: a line break, a NUL.
    pub fn header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("the name of a header");
        let value = HeaderValue::from_bytes(value.as_ref()).expect("the value of a header");
        self.map(|request| request.header(name, value))
    }

    /// Sets the header that names the organization.
    pub fn organization(self, slug: &str) -> Self {
        self.header("X-Organization-Slug", slug)
    }

    /// Sets the body, without a content type.
    pub fn body(self, bytes: impl Into<Vec<u8>>) -> Self {
        self.map(|request| request.body(bytes.into()))
    }

    /// Sets a JSON body and its content type.
    ///
    /// # Panics
    /// When the value can't be written as JSON.
    pub fn json(self, value: impl Serialize) -> Self {
        let text = serde_json::to_vec(&value).expect("a value that JSON can express");
        self.header(CONTENT_TYPE.as_str(), "application/json")
            .body(text)
    }

    /// Sets the body of an HTML form and its content type: a field for each member of an object, and
    /// for each element of a list.
    ///
    /// # Panics
    /// When the value is no object of texts.
    pub fn form(self, value: &Value) -> Self {
        let fields = value.as_object().expect("an object");
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields {
            let values = value
                .as_array()
                .map_or(std::slice::from_ref(value), Vec::as_slice);
            for value in values {
                form.append_pair(name, value.as_str().expect("a text"));
            }
        }
        self.header(CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded")
            .body(form.finish())
    }

    /// A copy of the request, to send it again.
    ///
    /// # Panics
    /// Never: bodies are not streams.
    pub fn again(&self) -> Self {
        let request = self.request.try_clone().expect("no body is a stream");
        Self::new(request, self.observer.clone())
    }

    /// Sends the request and reads the whole response.
    ///
    /// # Panics
    /// When the server can't be reached or closes the connection.
    pub async fn send(self) -> Answer {
        let answer = self.try_send().await;
        answer.unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// Like [`send`](Self::send), for a server that may stop during the request.
    ///
    /// # Errors
    /// When the server can't be reached or closes the connection.
    ///
    /// # Panics
    /// When the request is invalid.
    pub async fn try_send(self) -> Result<Answer, String> {
        let (client, request) = self.request.build_split();
        let request = request.unwrap_or_else(|error| panic!("not a request: {error}"));
        let summary = format!("{} {}", request.method(), request.url().path());
        let observed = self
            .observer
            .map(|observer| (observer, request.try_clone()));
        let outcome = async {
            let response = client.execute(request).await?;
            Ok::<_, reqwest::Error>(Answer {
                status: response.status().as_u16(),
                headers: response.headers().clone(),
                body: response.bytes().await?.to_vec(),
                request: summary.clone(),
            })
        };
        let outcome = outcome.await;
        if let (Ok(answer), Some((observer, Some(request)))) = (&outcome, observed) {
            (observer.0)(&Exchange {
                method: request.method().as_str(),
                path: request.url().path(),
                query: request.url().query(),
                sent: request.body().and_then(|body| body.as_bytes()),
                answer,
            });
        }
        outcome.map_err(|error| format!("no response to {summary}: {error:?}"))
    }
}
