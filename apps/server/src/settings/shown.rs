//! The settings as an operator may see them.

use serde::Serialize;

use super::{
    DatabaseUrl,
    catalog::{self, Secrecy, Setting},
    merge::Given,
};

/// A setting and its value, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownSetting {
    /// The variable.
    pub variable: &'static str,
    /// The value, if there is one.
    pub value: Option<String>,
    /// Where it was set.
    pub from: &'static str,
}

pub(super) fn all(given: &Given) -> Vec<ShownSetting> {
    catalog::ALL
        .iter()
        .map(|setting| one(setting, given))
        .collect()
}

fn one(setting: &Setting, given: &Given) -> ShownSetting {
    let file_key = setting.file_key();
    let (value, layer) = if let Some(file) = given.text(&file_key) {
        let value = format!("(the content of {file})");
        (Some(value), given.layer(&file_key))
    } else {
        let text = given.text(setting.key).or(setting.default);
        (
            text.map(|text| hide(setting, text)),
            given.layer(setting.key),
        )
    };
    ShownSetting {
        variable: setting.variable,
        value,
        from: layer.unwrap_or("default"),
    }
}

fn hide(setting: &Setting, text: &str) -> String {
    match setting.secrecy {
        Secrecy::Open => text.to_owned(),
        Secrecy::Secret => "***".to_owned(),
        Secrecy::Address => {
            DatabaseUrl::parse(text).map_or_else(|_| "***".to_owned(), |url| url.to_string())
        }
    }
}
