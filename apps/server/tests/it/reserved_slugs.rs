//! Slugs that no organization gets.

use tenantry::app::{reserved_slugs, routes};
use tenantry_core::value::Slug;

/// Words that were reserved at one time stay so.
const STAY_RESERVED: [&str; 23] = [
    "admin",
    "api",
    "auth",
    "billing",
    "current",
    "docs",
    "health",
    "invitations",
    "live",
    "login",
    "logout",
    "me",
    "members",
    "organizations",
    "password",
    "projects",
    "ready",
    "reports",
    "settings",
    "signup",
    "switch",
    "tokens",
    "users",
];

fn is_reserved(word: &str) -> bool {
    word.parse::<Slug>().is_err() || reserved_slugs().contains(word)
}

#[test]
fn the_first_segments_of_every_route_are_reserved() {
    for route in routes().infos() {
        let mut segments = route.path.split('/').skip(1);
        let first = segments.next().expect("a path has a segment");
        assert!(is_reserved(first), "{}: {first}", route.path);
        if let Some(second) = segments.next().filter(|_| first == "api") {
            assert!(is_reserved(second), "{}: {second}", route.path);
        }
    }
}

#[test]
fn a_word_stays_reserved() {
    for word in STAY_RESERVED {
        assert!(is_reserved(word), "{word}");
    }
    assert!(!is_reserved("acme"));
}
