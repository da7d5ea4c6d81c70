//! Log output goes to standard error: standard output is for the command's result.

use std::{
    io::{IsTerminal as _, stderr},
    panic,
};

use tracing_subscriber::{
    EnvFilter, Layer as _, filter::FilterExt as _, fmt, layer::SubscriberExt as _, registry,
    util::SubscriberInitExt as _,
};

#[cfg(feature = "otel")]
use crate::traces::Traces;
use crate::{
    Failure,
    log_output::{HttpLibraryLimit, LogOutput},
    settings::{LogFormat, Settings},
};

/// Handle of the started logging; shut it down to flush what is buffered.
pub(crate) struct Logging {
    #[cfg(feature = "otel")]
    traces: Option<Traces>,
}

impl Logging {
    #[cfg_attr(
        not(feature = "otel"),
        expect(
            clippy::unused_self,
            reason = "a build without traces has nothing to flush"
        )
    )]
    pub(crate) fn shutdown(self) {
        #[cfg(feature = "otel")]
        if let Some(traces) = self.traces {
            traces.shutdown();
        }
    }
}

/// Starts logging. `default_filter` applies where `RUST_LOG` is not set.
pub(crate) fn start(settings: &Settings, default_filter: &str) -> Result<Logging, Failure> {
    let on_terminal = stderr().is_terminal();
    let filter = EnvFilter::new(settings.log.filter.as_deref().unwrap_or(default_filter));
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
    // An error of the log can't be printed where the log goes.
    let log = fmt::layer()
        .with_writer(|| LogOutput)
        .log_internal_errors(false);
    let log = match format {
        LogFormat::Pretty => log.compact().with_ansi(on_terminal).boxed(),
        LogFormat::Json => log.json().flatten_event(true).with_span_list(false).boxed(),
    };
    let log = log.with_filter(filter.and(HttpLibraryLimit::default()));
    #[cfg(feature = "otel")]
    // The log's filter does not apply to traces.
    let started = registry()
        .with(log)
        .with(traces.as_ref().map(|traces| traces.layer()))
        .try_init();
    #[cfg(not(feature = "otel"))]
    let started = registry().with(log).try_init();
    // A panic becomes a log line too, with the ids of the request it happened in. The hook itself must
    // not panic, which would end the process: the log drops what it can't write.
    panic::set_hook(Box::new(|panic| {
        let text = panic.payload_as_str().unwrap_or("without a message");
        let place = panic.location().map(ToString::to_string);
        tracing::error!(panic = text, place, "a panic");
    }));
    if started.is_err() {
        tracing::debug!("this process already has a log subscriber");
    }
    Ok(Logging {
        #[cfg(feature = "otel")]
        traces,
    })
}
