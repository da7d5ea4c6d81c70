//! An API client for tests: one person with one cookie jar.

mod answer;
mod call;
mod exchange;

use std::{sync::Arc, time::Duration};

use reqwest::{
    Client, Method, Url,
    cookie::{CookieStore as _, Jar},
    redirect::Policy,
};
use serde::Serialize;

use self::exchange::ExchangeObserver;
pub use self::{answer::Answer, call::Call, exchange::Exchange};

/// Speaks to one server as one person. It keeps cookies, and follows no redirect.
#[derive(Clone, Debug)]
pub struct ApiClient {
    base: Url,
    jar: Arc<Jar>,
    http: Client,
    watcher: Option<ExchangeObserver>,
}

impl ApiClient {
    /// A client of the server at the given address, such as `http://127.0.0.1:8080`.
    ///
    /// # Panics
    /// When that is no address.
    #[must_use]
    pub fn new(base: &str) -> Self {
        let base = Url::parse(base).expect("the address of a server");
        let jar = Arc::new(Jar::default());
        let http = Client::builder()
            .cookie_provider(Arc::clone(&jar))
            .redirect(Policy::none())
            // A server that never answers fails the test instead of stopping the run.
            .timeout(Duration::from_secs(60))
            // The server hangs up on connections that are idle for some seconds, and a request
            // that is just then sent on one gets no answer.
            .pool_idle_timeout(Duration::from_secs(1))
            .no_proxy()
            .build()
            .expect("a client without TLS needs nothing that can be missing");
        Self {
            base,
            jar,
            http,
            watcher: None,
        }
    }

    /// Another person's client of the same server: the jar is empty.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self {
            watcher: self.watcher.clone(),
            ..Self::new(self.base.as_str())
        }
    }

    /// The same client, and those forked from it, with somebody who looks at every exchange.
    #[must_use]
    pub fn watched(self, watcher: impl Fn(&Exchange<'_>) + Send + Sync + 'static) -> Self {
        Self {
            watcher: Some(ExchangeObserver(Arc::new(watcher))),
            ..self
        }
    }

    /// The server's host and port, for tests that speak to it byte by byte.
    ///
    /// # Panics
    /// When it has none.
    #[must_use]
    pub fn address(&self) -> String {
        let addresses = self.base.socket_addrs(|| None);
        let addresses = addresses.expect("the address of a server");
        addresses.first().expect("at least one").to_string()
    }

    /// A `GET`.
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// A `POST` of a JSON body.
    pub fn post(&self, path: &str, json: impl Serialize) -> Call {
        self.call(Method::POST, path).json(json)
    }

    /// A `PATCH` with a JSON body.
    pub fn patch(&self, path: &str, json: impl Serialize) -> Call {
        self.call(Method::PATCH, path).json(json)
    }

    /// A `DELETE`.
    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }

    /// Any method, and no body until one is given.
    ///
    /// # Panics
    /// When the method holds characters that none can.
    pub fn raw(&self, method: &str, path: &str) -> Call {
        let method = Method::from_bytes(method.as_bytes()).expect("the name of a method");
        self.call(method, path)
    }

    /// The cookies that the next request sends, as its `Cookie` header.
    #[must_use]
    pub fn cookies(&self) -> Option<String> {
        let header = self.jar.cookies(&self.base)?;
        Some(String::from_utf8_lossy(header.as_bytes()).into_owned())
    }

    /// Puts a cookie into the jar, written as in a `Set-Cookie` header.
    pub fn set_cookie(&self, cookie: &str) {
        self.jar.add_cookie_str(cookie, &self.base);
    }

    fn call(&self, method: Method, path: &str) -> Call {
        // Not joined by the rules of links: `//x` would name another host.
        let url = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
        Call::new(self.http.request(method, url), self.watcher.clone())
    }
}
