//! What the admins of an organization decide for it.
//!
//! - [`Settings`]: typed values, each with a default, and a corner of the customer's own
//! - [`SettingsPatch`]: a merge patch (RFC 7396) of them
//! - [`SettingsService`]: reading and changing them

mod custom;
pub(crate) mod http;
mod model;
mod patch;
mod service;

pub use model::{Features, Locale, Preferences, Settings, SettingsView, TimeZone};
pub use patch::{FeaturesPatch, PreferencesPatch, SettingsPatch};
pub use service::SettingsService;
