//! A request and its response, for observers.

use std::{fmt, sync::Arc};

use super::Answer;

/// A request and its response.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'e> {
    /// The method.
    pub method: &'e str,
    /// The path.
    pub path: &'e str,
    /// The query string, if there was one.
    pub query: Option<&'e str>,
    /// The body, if there was one.
    pub sent: Option<&'e [u8]>,
    /// The response.
    pub answer: &'e Answer,
}

/// A callback for every exchange of a client. It panics to fail the test.
#[derive(Clone)]
pub(super) struct ExchangeObserver(pub(super) Arc<dyn Fn(&Exchange<'_>) + Send + Sync>);

impl fmt::Debug for ExchangeObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExchangeObserver")
    }
}
