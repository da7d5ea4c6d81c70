//! The settings of an organization, which its admins change.
//!
//! - `Settings`: typed values, each with a default, and custom values of the customer
//! - `SettingsPatch`: a merge patch (RFC 7396) of them
//! - `SettingsService`: reads and changes them

mod custom;
pub(crate) mod http;
pub(crate) mod model;
pub(crate) mod patch;
pub(crate) mod service;
