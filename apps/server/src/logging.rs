//! Where events go: standard error, because standard output belongs to the command's answer.

use std::io::{IsTerminal as _, stderr};

use tracing_subscriber::{EnvFilter, fmt};

use crate::settings::{LogFormat, LogSettings};

/// Starts logging; `usual` is the filter of a command where `RUST_LOG` sets none.
pub(crate) fn start(settings: &LogSettings, usual: &str) {
    let on_terminal = stderr().is_terminal();
    let filter = EnvFilter::new(settings.filter.as_deref().unwrap_or(usual));
    let format = settings.format.unwrap_or(if on_terminal {
        LogFormat::Pretty
    } else {
        LogFormat::Json
    });
    let log = fmt().with_env_filter(filter).with_writer(stderr);
    let started = match format {
        LogFormat::Pretty => log.compact().with_ansi(on_terminal).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    if started.is_err() {
        tracing::debug!("somebody else in this process has started logging");
    }
}
