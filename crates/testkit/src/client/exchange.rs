//! A request and its answer, for those who look on.

use std::{fmt, sync::Arc};

use super::Answer;

/// What was asked, and what was said to it.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'e> {
    /// The method.
    pub method: &'e str,
    /// The path, as it was sent.
    pub path: &'e str,
    /// The query string, if there was one.
    pub query: Option<&'e str>,
    /// The body, if there was one.
    pub sent: Option<&'e [u8]>,
    /// The answer.
    pub answer: &'e Answer,
}

/// Somebody who is shown every exchange of a client, and panics if he does not like it.
#[derive(Clone)]
pub(super) struct ExchangeObserver(pub(super) Arc<dyn Fn(&Exchange<'_>) + Send + Sync>);

impl fmt::Debug for ExchangeObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExchangeObserver")
    }
}
