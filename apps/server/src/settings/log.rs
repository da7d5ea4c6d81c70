//! Log format and filter.

use tracing_subscriber::EnvFilter;

use super::{
    catalog::{LOG_FILTER, LOG_FORMAT},
    reader::SettingsReader,
};

/// Log format and filter.
#[derive(Clone, Debug, Default)]
pub struct LogSettings {
    /// The format. Default: pretty on a terminal, else JSON.
    pub format: Option<LogFormat>,
    /// The filter in the syntax of `RUST_LOG`. The default depends on the command.
    pub filter: Option<String>,
}

/// Format of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// One JSON object on each line, for collectors.
    Json,
}

pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<LogSettings> {
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
