//! A merge patch of the settings: absent members stay, `null` resets to the default.

use std::{borrow::Cow, collections::BTreeSet};

use schemars::JsonSchema;
use tenantry_core::{
    input::schema::{ObjectSchema, Schema, Schemas},
    input::{FieldReader, FromFields, InputField, Json, NullablePatch, ValidationErrors},
    value_schema,
};

use super::{
    custom::{CustomPatch, to_text},
    model::{Features, Locale, Preferences, Settings, TimeZone},
};

/// Declares a patch of an object with a fixed set of members; an unknown member is invalid.
macro_rules! patch {
    ($(#[doc = $docs:literal])* $name:ident { $($(#[doc = $field_docs:literal])* $field:ident: $type:ty),* $(,)? }, $rest:literal) => {
        $(#[doc = $docs])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $($(#[doc = $field_docs])* pub $field: $type,)*
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(schemas: &mut Schemas) -> Schema {
                ObjectSchema::new()
                    $(.field::<$type>(stringify!($field), &[$($field_docs),*], schemas))*
                    .finish(&[$($docs),*])
            }
        }

        impl FromFields for $name {
            const MEDIA_TYPES: &[&str] = &["application/merge-patch+json", "application/json"];

            fn read(from: &mut FieldReader) -> Option<Self> {
                $(let $field = from.take(stringify!($field));)*
                from.reject_unknown($rest);
                Some(Self { $($field: $field?,)* })
            }
        }

        impl InputField for $name {
            fn parse(value: Json) -> Result<Self, ValidationErrors> {
                match value {
                    Json::Object(members) => FieldReader::object(members),
                    _ => Err(ValidationErrors::new("must be an object")),
                }
            }
        }
    };
}

/// Whether a patch contains a member that clients can't change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadOnly(pub bool);

value_schema!(inline ReadOnly, { "readOnly": true });

impl InputField for ReadOnly {
    fn parse(_: Json) -> Result<Self, ValidationErrors> {
        Ok(Self(true))
    }

    fn absent() -> Result<Self, ValidationErrors> {
        Ok(Self(false))
    }
}

patch!(
    /// A patch of features.
    FeaturesPatch {
        /// Whether members see experimental features.
        early_access: NullablePatch<bool>,
        /// Whether members get a weekly summary.
        weekly_digest: NullablePatch<bool>,
    },
    "is no feature"
);

patch!(
    /// A patch of preferences.
    PreferencesPatch {
        /// The language and region of texts.
        locale: NullablePatch<Locale>,
        /// The time zone of dates.
        timezone: NullablePatch<TimeZone>,
    },
    "is no preference"
);

patch!(
    /// A patch of an organization's settings.
    SettingsPatch {
        /// Optional features.
        features: NullablePatch<FeaturesPatch>,
        /// Display preferences.
        preferences: NullablePatch<PreferencesPatch>,
        /// Whether members need a second factor; only owners change it.
        require_mfa: NullablePatch<bool>,
        /// Custom values of the customer.
        custom: NullablePatch<CustomPatch>,
        /// Limits are set by operators; a patch that contains them is refused.
        limits: ReadOnly,
    },
    "is no setting; your own values go under custom"
);

/// Applies a member of a patch.
fn set<T: Default + PartialEq>(
    changed: &mut BTreeSet<&'static str>,
    key: &'static str,
    value: &mut T,
    patch: NullablePatch<T>,
) {
    let NullablePatch(Some(patch)) = patch else {
        return;
    };
    let new = patch.unwrap_or_default();
    if *value != new {
        *value = new;
        changed.insert(key);
    }
}

impl SettingsPatch {
    /// Sets whether members need a second factor; the rest stays.
    #[must_use]
    pub const fn requiring_second_factor(is_required: bool) -> Self {
        Self {
            features: NullablePatch(None),
            preferences: NullablePatch(None),
            require_mfa: NullablePatch(Some(Some(is_required))),
            custom: NullablePatch(None),
            limits: ReadOnly(false),
        }
    }

    /// Replaces all features and preferences; the custom values stay.
    #[must_use]
    pub fn replacing(features: Features, preferences: Preferences) -> Self {
        Self {
            features: NullablePatch(Some(Some(FeaturesPatch {
                early_access: NullablePatch(Some(Some(features.early_access))),
                weekly_digest: NullablePatch(Some(Some(features.weekly_digest))),
            }))),
            preferences: NullablePatch(Some(Some(PreferencesPatch {
                locale: NullablePatch(Some(Some(preferences.locale))),
                timezone: NullablePatch(Some(Some(preferences.timezone))),
            }))),
            require_mfa: NullablePatch(None),
            custom: NullablePatch(None),
            limits: ReadOnly(false),
        }
    }

    /// Applies the patch, and returns the keys of the settings that changed.
    pub(super) fn apply(self, settings: &mut Settings) -> BTreeSet<&'static str> {
        let mut changed = BTreeSet::new();
        if let Some(patch) = self.features.0 {
            patch
                .unwrap_or(FeaturesPatch::CLEAR)
                .apply(&mut settings.features, &mut changed);
        }
        if let Some(patch) = self.preferences.0 {
            patch
                .unwrap_or(PreferencesPatch::CLEAR)
                .apply(&mut settings.preferences, &mut changed);
        }
        if let Some(patch) = self.custom.0 {
            let before = to_text(&settings.custom);
            match patch {
                Some(patch) => patch.apply(&mut settings.custom),
                None => settings.custom.clear(),
            }
            if to_text(&settings.custom) != before {
                changed.insert("custom");
            }
        }
        changed
    }
}

impl FeaturesPatch {
    /// Resets all members to their defaults.
    const CLEAR: Self = Self {
        early_access: NullablePatch(Some(None)),
        weekly_digest: NullablePatch(Some(None)),
    };

    fn apply(self, to: &mut Features, changed: &mut BTreeSet<&'static str>) {
        let early = &mut to.early_access;
        set(changed, "features.early_access", early, self.early_access);
        let digest = &mut to.weekly_digest;
        set(
            changed,
            "features.weekly_digest",
            digest,
            self.weekly_digest,
        );
    }
}

impl PreferencesPatch {
    /// Resets all members to their defaults.
    const CLEAR: Self = Self {
        locale: NullablePatch(Some(None)),
        timezone: NullablePatch(Some(None)),
    };

    fn apply(self, to: &mut Preferences, changed: &mut BTreeSet<&'static str>) {
        set(changed, "preferences.locale", &mut to.locale, self.locale);
        set(
            changed,
            "preferences.timezone",
            &mut to.timezone,
            self.timezone,
        );
    }
}
