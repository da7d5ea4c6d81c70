//! Being told to stop by the operating system.

use crate::Failure;

/// How to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// After the requests that are under way: `SIGTERM`.
    Gracefully,
    /// At once: the interrupt from a keyboard.
    AtOnce,
}

/// Listens from now on, not only from when the future is awaited.
#[cfg(unix)]
pub(super) fn listen() -> Result<impl Future<Output = Stop>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};

    let failed = |error| Failure::because("signals can't be listened to", &error);
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => Stop::Gracefully,
            _ = interrupt.recv() => Stop::AtOnce,
        }
    })
}

/// Listens to the interrupt, the one that is everywhere.
#[cfg(not(unix))]
pub(super) fn listen() -> Result<impl Future<Output = Stop>, Failure> {
    Ok(async move {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Stop::AtOnce
    })
}
