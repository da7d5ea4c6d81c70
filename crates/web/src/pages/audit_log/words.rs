//! Fields and events in words.

use std::collections::BTreeMap;

use tenantry_domain_events::events::organizations::EVENTS;

use crate::pages::event_words;

/// A field in words: `old_role` is "Old role".
pub(super) fn field_words(name: &str) -> String {
    event_words(&name.replace('.', " "))
}

/// The wire names that can be in the log of an organization, by their words.
pub(super) fn known_events() -> BTreeMap<String, String> {
    let events = EVENTS.iter().chain(tenantry_projects::events::EVENTS);
    let events = events.map(|event| (event_words(event.name), event.name.to_owned()));
    events.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_words_of_its_own() {
        let known = known_events();
        let events = EVENTS.len() + tenantry_projects::events::EVENTS.len();
        assert_eq!(known.len(), events, "{known:#?}");
        assert_eq!(known["Project created"], "projects.project_created");
    }

    #[test]
    fn a_field_is_shown_in_words() {
        assert_eq!(field_words("old_role"), "Old role");
        assert_eq!(field_words("preferences.locale"), "Preferences locale");
    }
}
