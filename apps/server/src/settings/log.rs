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
        let directives = text.split(',').map(str::trim);
        if let Some(level) = directives.filter_map(misspelt_level).next() {
            return Err(format!(
                "must be a filter such as info; did you mean {level}?"
            ));
        }
        let valid = EnvFilter::builder().parse(text).is_ok();
        valid
            .then(|| text.to_owned())
            .ok_or_else(|| "must be a filter such as info or tenantry=debug,warn".to_owned())
    });
    Some(LogSettings {
        format: format?,
        filter: filter?,
    })
}

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// The level that a word was probably meant to be. A word that is no level is a target, and then
/// nothing else is logged.
fn misspelt_level(word: &str) -> Option<&'static str> {
    let word = word.to_ascii_lowercase();
    let is_word = word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    if !is_word || LEVELS.contains(&&*word) {
        return None;
    }
    let close = |level: &&&str| {
        word.starts_with(**level)
            || level.starts_with(&*word)
            || strsim::osa_distance(&word, level) == 1
    };
    LEVELS.iter().find(close).copied()
}
