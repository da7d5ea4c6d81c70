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
        let filter = directives(text)?;
        let valid = EnvFilter::builder().parse(&filter).is_ok();
        valid.then_some(filter).ok_or_else(|| EXPECTED.to_owned())
    });
    Some(LogSettings {
        format: format?,
        filter: filter?,
    })
}

const EXPECTED: &str = "must be a filter such as info or tenantry=debug,warn";

/// The crates of this program. A log line's target is the path of a module.
const CRATES: [&str; 13] = [
    "tenantry",
    "tenantry_audit",
    "tenantry_core",
    "tenantry_domain_events",
    "tenantry_http",
    "tenantry_mail",
    "tenantry_migrations",
    "tenantry_module",
    "tenantry_organizations",
    "tenantry_projects",
    "tenantry_relay_nats",
    "tenantry_users",
    "tenantry_web",
];

/// The filter without spaces around its directives. Refuses those that no log line could match.
fn directives(text: &str) -> Result<String, String> {
    let directives = text.split(',').map(str::trim);
    let directives: Vec<_> = directives.filter(|it| !it.is_empty()).collect();
    if directives.is_empty() {
        return Err(EXPECTED.to_owned());
    }
    for directive in &directives {
        if let Some(level) = misspelt_level(directive) {
            return Err(format!(
                "must be a filter such as info; did you mean {level}?"
            ));
        }
        let target = directive.split(['[', '=']).next().unwrap_or_default();
        // A directive may name a span only.
        if !directive.starts_with('[') && !is_target(target) {
            return Err(format!(
                "must name modules as tenantry_core=debug does; no line has the target {}",
                target.escape_debug()
            ));
        }
    }
    Ok(directives.join(","))
}

/// Whether a log line can have this target: a path of modules, of which ours are known, or a level.
fn is_target(target: &str) -> bool {
    let is_part = |part: &str| {
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        !part.is_empty() && part.bytes().all(is_name)
    };
    let first = target.split("::").next().unwrap_or_default();
    let is_known = !first.starts_with("tenantry") || CRATES.contains(&first);
    let is_level = LEVELS.contains(&&*target.to_ascii_lowercase());
    is_level || (is_known && target.split("::").all(is_part))
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
