//! The pages.

#[cfg(feature = "web")]
use tenantry_web::Brand;

use super::{
    catalog::{WEB_ACCENT, WEB_NAME},
    reader::SettingsReader,
};

/// The pages.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WebSettings {
    /// The product's name and colour.
    #[cfg(feature = "web")]
    pub brand: Brand,
}

#[cfg(feature = "web")]
pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<WebSettings> {
    let name = reader.value(&WEB_NAME, str::parse);
    let accent = reader.value(&WEB_ACCENT, str::parse);
    let brand = Brand {
        name: name?,
        accent: accent?,
    };
    Some(WebSettings { brand })
}

/// Without the feature a name or a colour is an error: nothing would show them.
#[cfg(not(feature = "web"))]
pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<WebSettings> {
    reader.reject_without("web", &[&WEB_NAME, &WEB_ACCENT])?;
    Some(WebSettings {})
}
