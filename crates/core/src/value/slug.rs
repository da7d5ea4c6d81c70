//! Slugs: the part of an organization's identity that people type.

use deunicode::deunicode;

use super::InvalidText;

const MAX: usize = 63;

/// Words that are no organization's slug: every first path segment of ours, and the names that
/// people expect to belong to the service itself.
pub const RESERVED_SLUGS: &[&str] = &[
    "about",
    "account",
    "accounts",
    "admin",
    "api",
    "app",
    "assets",
    "auth",
    "billing",
    "blog",
    "cdn",
    "contact",
    "current",
    "dashboard",
    "docs",
    "download",
    "email",
    "events",
    "example",
    "files",
    "ftp",
    "health",
    "help",
    "home",
    "host",
    "internal",
    "invitations",
    "invite",
    "legal",
    "live",
    "login",
    "logout",
    "mail",
    "me",
    "members",
    "metrics",
    "new",
    "null",
    "openapi",
    "operator",
    "organization",
    "organizations",
    "owner",
    "password",
    "ping",
    "pricing",
    "privacy",
    "profile",
    "projects",
    "ready",
    "register",
    "reports",
    "root",
    "security",
    "settings",
    "shop",
    "signin",
    "signout",
    "signup",
    "smtp",
    "staff",
    "static",
    "status",
    "super",
    "superuser",
    "support",
    "switch",
    "system",
    "tenantry",
    "terms",
    "tokens",
    "undefined",
    "user",
    "users",
    "web",
    "webhook",
    "webhooks",
    "www",
];

crate::text_value!(
    /// The name of an organization in headers and links: 2 to 63 of `a-z0-9-`, no hyphen at
    /// either end, not a reserved word. It is compared as written.
    Slug,
    parse
);

fn parse(text: &str) -> Result<String, InvalidText> {
    if !is_well_formed(text) {
        return Err(InvalidText(
            "must be 2 to 63 of a-z, 0-9 and hyphen, with no hyphen at either end",
        ));
    }
    if RESERVED_SLUGS.contains(&text) {
        return Err(InvalidText("is a reserved word"));
    }
    Ok(text.to_owned())
}

fn is_well_formed(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (2..=MAX).contains(&text.len())
        && text.bytes().all(allowed)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

impl Slug {
    /// The slug that a name suggests, by transliteration: `Café Zürich` suggests `cafe-zurich`.
    ///
    /// Nothing when too little of the name is left, or what is left is reserved.
    #[must_use]
    pub fn suggested_by(name: &str) -> Option<Self> {
        let mut slug = String::new();
        for c in deunicode(name).chars() {
            if c.is_ascii_alphanumeric() {
                slug.push(c.to_ascii_lowercase());
            } else if !slug.is_empty() && !slug.ends_with('-') && c != '\'' {
                slug.push('-');
            }
        }
        slug.truncate(MAX);
        slug.trim_end_matches('-').parse().ok()
    }

    /// This slug with a suffix, cut so that both fit.
    ///
    /// # Errors
    /// When the suffix holds characters that a slug can't.
    pub fn with_suffix(&self, suffix: &str) -> Result<Self, InvalidText> {
        let room = MAX.saturating_sub(suffix.len() + 1);
        let stem = self.0[..self.0.len().min(room)].trim_end_matches('-');
        format!("{stem}-{suffix}").parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_has_one_spelling() {
        for good in ["ab", "acme-corp", "007", &"a".repeat(63)] {
            assert!(good.parse::<Slug>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "a",
            "-ab",
            "ab-",
            "Acme",
            "a_b",
            "a b",
            "é1",
            " ab",
            &"a".repeat(64),
        ] {
            assert!(bad.parse::<Slug>().is_err(), "{bad}");
        }
    }

    #[test]
    fn reserved_words_are_no_slugs() {
        for word in RESERVED_SLUGS {
            assert!(word.parse::<Slug>().is_err(), "{word}");
            assert!(is_well_formed(word), "{word} could not be a slug anyway");
        }
    }

    #[test]
    fn a_name_suggests_its_transliteration() {
        let suggested = |name| Slug::suggested_by(name).map(|slug| slug.to_string());
        assert_eq!(suggested("Café  Zürich!"), Some("cafe-zurich".into()));
        assert_eq!(suggested("O'Neill & Sons"), Some("oneill-sons".into()));
        assert_eq!(suggested("北京"), Some("bei-jing".into()));
        assert_eq!(suggested("!!!"), None);
        assert_eq!(suggested("Admin"), None);
    }

    #[test]
    fn a_suffix_fits_by_cutting_the_stem() {
        let long: Slug = "a".repeat(63).parse().expect("valid");
        let slug = long.with_suffix("x7k2").expect("valid");
        assert_eq!(slug.as_str().len(), 63);
        assert!(slug.as_str().ends_with("a-x7k2"));
    }
}
