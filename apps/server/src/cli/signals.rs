//! Signals of the operating system.

use crate::Failure;

/// How to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// After the requests in progress: `SIGTERM`.
    Gracefully,
    /// Immediately: the interrupt from a keyboard.
    Immediately,
}

/// Listens from the call on, not only once the future is polled.
#[cfg(unix)]
pub(super) fn listen() -> Result<impl Future<Output = Stop>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};

    let failed = |error| Failure::caused_by("signals can't be listened to", &error);
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => Stop::Gracefully,
            _ = interrupt.recv() => Stop::Immediately,
        }
    })
}

/// Listens to the interrupt, which every platform has.
#[cfg(not(unix))]
pub(super) fn listen() -> Result<impl Future<Output = Stop>, Failure> {
    Ok(async move {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Stop::Immediately
    })
}
