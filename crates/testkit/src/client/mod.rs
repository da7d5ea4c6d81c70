//! An API client for tests, with a cookie jar.

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

/// A client of one server. It stores cookies and does not follow redirects.
#[derive(Clone, Debug)]
pub struct ApiClient {
    base: Url,
    jar: Arc<Jar>,
    http: Client,
    observer: Option<ExchangeObserver>,
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
            // A server that never responds fails the test instead of hanging the run.
            // Tests stop servers for a minute, and expect their responses afterwards.
            .timeout(Duration::from_secs(120))
            // The server closes connections that are idle for some seconds; a request sent at that
            // moment would get no response.
            .pool_idle_timeout(Duration::from_secs(1))
            .no_proxy()
            .build()
            .expect("a client without TLS needs nothing that can be missing");
        Self {
            base,
            jar,
            http,
            observer: None,
        }
    }

    /// Another client of the same server, with an empty jar.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self {
            observer: self.observer.clone(),
            ..Self::new(self.base.as_str())
        }
    }

    /// Sets an observer of every exchange of this client and its forks.
    #[must_use]
    pub fn observed(self, observer: impl Fn(&Exchange<'_>) + Send + Sync + 'static) -> Self {
        Self {
            observer: Some(ExchangeObserver(Arc::new(observer))),
            ..self
        }
    }

    /// The server's host and port, for tests that write bytes to a socket.
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

    /// Any method, without a body.
    ///
    /// # Panics
    /// When the method has invalid characters.
    pub fn raw(&self, method: &str, path: &str) -> Call {
        let method = Method::from_bytes(method.as_bytes()).expect("the name of a method");
        self.call(method, path)
    }

    /// The cookies that the next request sends, as its `Cookie` header, but for the mark of the device,
    /// which is no credential.
    #[must_use]
    pub fn cookies(&self) -> Option<String> {
        let header = self.jar.cookies(&self.base)?;
        let header = String::from_utf8_lossy(header.as_bytes());
        let pairs = header.split("; ");
        let pairs = pairs.filter(|pair| !pair.contains("tenantry_device="));
        let pairs: Vec<_> = pairs.collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Puts the cookies of a `Cookie` header into the jar.
    pub fn set_cookies(&self, header: &str) {
        for pair in header.split("; ") {
            self.jar.add_cookie_str(pair, &self.base);
        }
    }

    fn call(&self, method: Method, path: &str) -> Call {
        // Concatenated, not joined as a URL: `//x` would name another host.
        let url = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
        Call::new(self.http.request(method, url), self.observer.clone())
    }
}
