//! What is logged, and how.

use tracing_subscriber::EnvFilter;

use super::{
    catalog::{LOG_FILTER, LOG_FORMAT},
    reader::Reader,
};

/// What is logged, and how.
#[derive(Clone, Debug, Default)]
pub struct LogSettings {
    /// The format; what suits the terminal, or the absence of one, if it is not set.
    pub format: Option<LogFormat>,
    /// Which events, in the syntax of `RUST_LOG`; what suits the command if it is not set.
    pub filter: Option<String>,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object on each line, for collectors.
    Json,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<LogSettings> {
    let format = reader.optional(&LOG_FORMAT, |text| match text {
        "pretty" => Ok(LogFormat::Pretty),
        "json" => Ok(LogFormat::Json),
        _ => Err("must be pretty or json"),
    });
    let filter = reader.optional(&LOG_FILTER, |text| {
        let valid = EnvFilter::builder().parse(text).is_ok();
        valid
            .then(|| text.to_owned())
            .ok_or("must be a filter such as info or tenantry=debug,warn")
    });
    Some(LogSettings {
        format: format?,
        filter: filter?,
    })
}
