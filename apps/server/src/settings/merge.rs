//! Merges the layers to one text for each setting that is set.

use std::collections::{BTreeMap, HashMap};

use config::{Config, Environment, File, FileFormat, Value, ValueKind};

use super::{
    SettingErrors, SettingSources,
    catalog::{self, PREFIX, Setting},
    dotenv,
    sources::without_mark,
};

/// The settings that are set: a text for each key, and the layer it comes from.
#[derive(Debug, Default)]
pub(super) struct RawSettings(BTreeMap<String, (String, &'static str)>);

impl RawSettings {
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(|(text, _)| text.as_str())
    }

    pub(super) fn layer(&self, key: &str) -> Option<&'static str> {
        self.0.get(key).map(|(_, layer)| *layer)
    }
}

pub(super) fn merge(sources: &SettingSources, errors: &mut SettingErrors) -> RawSettings {
    let dotenv = without_mark(sources.dotenv.as_deref().unwrap_or_default());
    let dotenv = dotenv::parse(dotenv, &sources.environment, errors);
    let layers = [
        file(
            without_mark(sources.file.as_deref().unwrap_or_default()),
            errors,
        ),
        variables(&dotenv, errors),
        variables(&sources.environment, errors),
    ];

    let mut raw = RawSettings::default();
    let names = ["tenantry.toml", ".env", "the environment"];
    for (config, name) in layers.into_iter().zip(names) {
        let mut leaves = Vec::new();
        flatten("", config.cache, &mut leaves);
        for (key, text) in leaves {
            match text {
                None => errors.add(key, format!("must be a single value, in {name}")),
                Some(text) => _ = raw.0.insert(key, (text, name)),
            }
        }
    }
    raw
}

fn file(text: &str, errors: &mut SettingErrors) -> Config {
    let parsed = Config::builder()
        .add_source(File::from_str(text, FileFormat::Toml))
        .build();
    let config = parsed.unwrap_or_else(|error| {
        // The other lines quote the file, which may hold a secret.
        let text = error.to_string();
        let place = text.lines().next().unwrap_or_default();
        errors.add("tenantry.toml", format!("can't be understood: {place}"));
        Config::default()
    });
    let mut leaves = Vec::new();
    flatten("", config.cache.clone(), &mut leaves);
    for (key, _) in leaves {
        if !known_names(|setting| setting.key.to_owned(), Setting::file_key).contains(&key) {
            errors.add(key, "is no setting, in tenantry.toml");
        }
    }
    config
}

/// A layer of variables. An unknown variable with our prefix is an error.
fn variables(variables: &BTreeMap<String, String>, errors: &mut SettingErrors) -> Config {
    let known = known_names(
        |setting| setting.variable.to_owned(),
        Setting::file_variable,
    );
    let mut ours = HashMap::new();
    for (name, value) in variables {
        if known.contains(name) {
            if value.contains('\u{FFFD}') {
                errors.add(name, "must be text in UTF-8");
            }
            ours.insert(in_sections(name), value.clone());
        } else if name.to_ascii_uppercase().starts_with(PREFIX) {
            let hint = nearest(name, &known);
            errors.add(name, format!("is no setting{hint}"));
        } else if let Some(meant) = with_prefix(name).filter(|meant| known.contains(meant)) {
            errors.add(name, format!("is no setting; did you mean {meant}?"));
        }
    }
    let source = Environment::with_prefix("TENANTRY")
        .prefix_separator("__")
        .separator("__")
        .ignore_empty(true)
        .source(Some(ours));
    let built = Config::builder().add_source(source).build();
    built.expect("variables with known names make a tree")
}

/// The name of a variable whose prefix lacks its second underscore. Other variables that begin with
/// `TENANTRY_` are of scripts or of the surroundings.
fn with_prefix(name: &str) -> Option<String> {
    let name = name.to_ascii_uppercase();
    let rest = name.strip_prefix("TENANTRY_")?;
    Some(format!("{PREFIX}{rest}"))
}

/// Adds the prefix to variables without one, so that all are read in the same way.
fn in_sections(name: &str) -> String {
    if name.starts_with(PREFIX) {
        return name.to_owned();
    }
    let (name, is_file) = match name.strip_suffix("_FILE") {
        Some(name) => (name, "_FILE"),
        None => (name, ""),
    };
    let setting = catalog::ALL.iter().find(|setting| setting.variable == name);
    let key = setting.map_or(name, |setting| setting.key).to_uppercase();
    format!("{PREFIX}{}{is_file}", key.replace('.', "__"))
}

fn known_names(
    name: impl Fn(&Setting) -> String,
    file_name: impl Fn(&Setting) -> String,
) -> Vec<String> {
    let in_files = catalog::ALL.iter().filter(|s| s.may_be_in_a_file());
    let all = catalog::ALL.iter().map(name);
    all.chain(in_files.map(file_name)).collect()
}

fn nearest(name: &str, known: &[String]) -> String {
    let upper = name.to_ascii_uppercase();
    let distance = |other: &&String| strsim::osa_distance(&upper, other);
    match known.iter().min_by_key(distance) {
        Some(other) if distance(&other) <= 4 => format!("; did you mean {other}?"),
        _ => String::new(),
    }
}

fn flatten(key: &str, value: Value, leaves: &mut Vec<(String, Option<String>)>) {
    match value.kind {
        ValueKind::Table(table) => {
            for (name, value) in table {
                let key = if key.is_empty() {
                    name
                } else {
                    format!("{key}.{name}")
                };
                flatten(&key, value, leaves);
            }
        }
        ValueKind::Nil => {}
        _ => leaves.push((key.to_owned(), value.into_string().ok())),
    }
}
