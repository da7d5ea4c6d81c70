//! Where events go: standard error, because standard output belongs to the command's answer.

use std::{
    io::{IsTerminal as _, stderr},
    panic,
};

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
        LogFormat::Json => {
            let json = log.json().flatten_event(true).with_span_list(false);
            json.try_init()
        }
    };
    // A panic is a line of the log as well, with the ids of the request that it happened in.
    panic::set_hook(Box::new(|panic| {
        let text = panic.payload_as_str().unwrap_or("without a message");
        let place = panic.location().map(ToString::to_string);
        tracing::error!(panic = text, place, "a panic");
    }));
    if started.is_err() {
        tracing::debug!("somebody else in this process has started logging");
    }
}
