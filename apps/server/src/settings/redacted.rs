//! The settings without their secrets, to be shown.

use serde::Serialize;

use tenantry_core::db::DatabaseUrl;
use tenantry_mail::MailUrl;

use super::{
    catalog::{self, Secrecy, Setting},
    merge::RawSettings,
};

/// A setting and its value, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RedactedSetting {
    /// The variable.
    pub variable: &'static str,
    /// The value, if there is one.
    pub value: Option<String>,
    /// Where it was set.
    pub from: &'static str,
}

pub(super) fn all(raw: &RawSettings) -> Vec<RedactedSetting> {
    catalog::ALL
        .iter()
        .map(|setting| one(setting, raw))
        .collect()
}

fn one(setting: &Setting, raw: &RawSettings) -> RedactedSetting {
    let file_key = setting.file_key();
    let (value, layer) = if let Some(file) = raw.text(&file_key) {
        let value = format!("(the content of {file})");
        (Some(value), raw.layer(&file_key))
    } else {
        let text = raw.text(setting.key).or(setting.default);
        (text.map(|text| hide(setting, text)), raw.layer(setting.key))
    };
    RedactedSetting {
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
            let database = DatabaseUrl::parse(text).map(|url| url.to_string());
            let shown = database.or_else(|_| text.parse::<MailUrl>().map(|url| url.to_string()));
            shown.unwrap_or_else(|_| "***".to_owned())
        }
    }
}
