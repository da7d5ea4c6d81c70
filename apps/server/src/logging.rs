//! Where events go: standard error, because standard output belongs to the command's answer.

use std::{
    io::{IsTerminal as _, stderr},
    panic,
};

use tracing_subscriber::{EnvFilter, fmt};
#[cfg(feature = "otel")]
use tracing_subscriber::{
    Layer as _, layer::SubscriberExt as _, registry, util::SubscriberInitExt as _,
};

#[cfg(feature = "otel")]
use crate::traces::Traces;
use crate::{
    Failure,
    settings::{LogFormat, Settings},
};

/// What was started, to be ended when there is nothing left to say.
pub(crate) struct Logging {
    #[cfg(feature = "otel")]
    traces: Option<Traces>,
}

impl Logging {
    #[cfg_attr(
        not(feature = "otel"),
        expect(
            clippy::unused_self,
            reason = "a build without traces has nothing to send"
        )
    )]
    pub(crate) fn end(self) {
        #[cfg(feature = "otel")]
        if let Some(traces) = self.traces {
            traces.end();
        }
    }
}

/// Starts logging; `usual` is the filter of a command where `RUST_LOG` sets none.
pub(crate) fn start(settings: &Settings, usual: &str) -> Result<Logging, Failure> {
    let on_terminal = stderr().is_terminal();
    let filter = EnvFilter::new(settings.log.filter.as_deref().unwrap_or(usual));
    let format = settings.log.format.unwrap_or(if on_terminal {
        LogFormat::Pretty
    } else {
        LogFormat::Json
    });
    #[cfg(feature = "otel")]
    let traces = settings
        .otel
        .collector
        .as_ref()
        .map(Traces::to)
        .transpose()?;
    #[cfg(feature = "otel")]
    let started = match &traces {
        // What is let by into the log is none of the collector's business.
        Some(traces) => {
            let log = fmt::layer().with_writer(stderr);
            let log = match format {
                LogFormat::Pretty => log.compact().with_ansi(on_terminal).boxed(),
                LogFormat::Json => log.json().flatten_event(true).with_span_list(false).boxed(),
            };
            let both = registry()
                .with(log.with_filter(filter))
                .with(traces.layer());
            both.try_init().map_err(Into::into)
        }
        None => log_alone(filter, format, on_terminal),
    };
    #[cfg(not(feature = "otel"))]
    let started = log_alone(filter, format, on_terminal);
    // A panic is a line of the log as well, with the ids of the request that it happened in.
    panic::set_hook(Box::new(|panic| {
        let text = panic.payload_as_str().unwrap_or("without a message");
        let place = panic.location().map(ToString::to_string);
        tracing::error!(panic = text, place, "a panic");
    }));
    if started.is_err() {
        tracing::debug!("somebody else in this process has started logging");
    }
    Ok(Logging {
        #[cfg(feature = "otel")]
        traces,
    })
}

fn log_alone(
    filter: EnvFilter,
    format: LogFormat,
    on_terminal: bool,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let log = fmt().with_env_filter(filter).with_writer(stderr);
    match format {
        LogFormat::Pretty => log.compact().with_ansi(on_terminal).try_init(),
        LogFormat::Json => {
            let json = log.json().flatten_event(true).with_span_list(false);
            json.try_init()
        }
    }
}
