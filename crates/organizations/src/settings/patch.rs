//! A change of the settings, as a merge patch: what is absent stays, `null` goes back to the
//! default.

use std::collections::BTreeSet;

use tenantry_core::http::{Clearable, Field, FieldError, Fields, Json, Reader};

use super::{Features, Locale, Preferences, Settings, TimeZone, custom::CustomPatch};

/// Declares a patch of an object whose members are all known: one that is not is refused as not
/// valid.
macro_rules! patch {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty),* $(,)? }, $rest:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: Clearable<$type>,)*
        }

        impl Fields for $name {
            fn read(from: &mut Reader) -> Option<Self> {
                $(let $field = from.take(stringify!($field));)*
                from.refuse_rest($rest);
                Some(Self { $($field: $field?,)* })
            }
        }

        impl Field for $name {
            fn parse(value: Json) -> Result<Self, FieldError> {
                match value {
                    Json::Object(members) => Reader::object(members),
                    _ => Err(FieldError::new("must be an object")),
                }
            }
        }
    };
}

patch!(
    /// A change of features.
    FeaturesPatch {
        /// See [`Features::early_access`].
        early_access: bool,
        /// See [`Features::weekly_digest`].
        weekly_digest: bool,
    },
    "is no feature"
);

patch!(
    /// A change of preferences.
    PreferencesPatch {
        /// See [`Preferences::locale`].
        locale: Locale,
        /// See [`Preferences::timezone`].
        timezone: TimeZone,
    },
    "is no preference"
);

patch!(
    /// A change of an organization's settings.
    SettingsPatch {
        /// Features.
        features: FeaturesPatch,
        /// Preferences.
        preferences: PreferencesPatch,
        /// The customer's own values.
        custom: CustomPatch,
        /// Not for members to change; named, so that the answer can say so.
        limits: Json,
    },
    "is no setting; your own values go under custom"
);

/// What a member of a patch makes of a value.
fn set<T: Default + PartialEq>(
    changed: &mut BTreeSet<&'static str>,
    key: &'static str,
    value: &mut T,
    patch: Clearable<T>,
) {
    let Clearable(Some(patch)) = patch else {
        return;
    };
    let new = patch.unwrap_or_default();
    if *value != new {
        *value = new;
        changed.insert(key);
    }
}

impl SettingsPatch {
    /// Changes the settings; the keys of those that are other ones now.
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
            let before = settings.custom.clone();
            match patch {
                Some(patch) => patch.apply(&mut settings.custom),
                None => settings.custom.clear(),
            }
            if settings.custom != before {
                changed.insert("custom");
            }
        }
        changed
    }
}

impl FeaturesPatch {
    /// Everything back to its default.
    const CLEAR: Self = Self {
        early_access: Clearable(Some(None)),
        weekly_digest: Clearable(Some(None)),
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
    /// Everything back to its default.
    const CLEAR: Self = Self {
        locale: Clearable(Some(None)),
        timezone: Clearable(Some(None)),
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
