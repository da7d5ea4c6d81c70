//! Which listeners get an event, and when.

/// A listener of the events of one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The listener's stable name.
    pub listener: &'static str,
    /// When the listener is called.
    pub mode: DeliveryMode,
}

/// When a listener is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryMode {
    /// Right after the commit; the caller waits, and so reads what its write brought about.
    Inline,
    /// Soon, by the dispatcher; the caller does not wait.
    Background,
}
