//! Slugs: the name of an organization in headers and links.

use deunicode::deunicode;

use super::InvalidText;

const MAX: usize = 63;
const WELL_FORMED: &str = "must be 2 to 63 of a-z, 0-9 and hyphen, with no hyphen at either end";

/// Reserved words: every first path segment of the server, and names that users expect to belong to
/// the service.
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
    "localhost",
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
    parse,
    {
        "minLength": 2,
        "maxLength": MAX,
        "pattern": "^[a-z0-9][a-z0-9-]*[a-z0-9]$",
        "description": WELL_FORMED,
    }
);

fn parse(text: &str) -> Result<String, InvalidText> {
    if !is_well_formed(text) {
        return Err(InvalidText(WELL_FORMED));
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

/// The stem for a name without a usable character; it needs a suffix.
const FALLBACK: &str = "org";

impl Slug {
    /// The slug of a name, by transliteration: `Café Zürich` becomes `cafe-zurich`.
    ///
    /// `None` if too few characters remain, or the result is reserved.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        transliterate(name).parse().ok()
    }

    /// The slug of a name, with a suffix that makes it unique: `cafe-zurich-x7k2`. Every name has one.
    ///
    /// # Errors
    /// When the suffix has characters that a slug can't have.
    pub fn from_name_with_suffix(name: &str, suffix: &str) -> Result<Self, InvalidText> {
        let mut stem = transliterate(name);
        stem.truncate(MAX.saturating_sub(suffix.len() + 1));
        let stem = match stem.trim_end_matches('-') {
            "" => FALLBACK,
            stem => stem,
        };
        format!("{stem}-{suffix}").parse()
    }
}

fn transliterate(name: &str) -> String {
    let mut text = String::new();
    for c in deunicode(name).chars() {
        if c.is_ascii_alphanumeric() {
            text.push(c.to_ascii_lowercase());
        } else if !text.is_empty() && !text.ends_with('-') && c != '\'' {
            text.push('-');
        }
    }
    text.truncate(MAX);
    text.truncate(text.trim_end_matches('-').len());
    text
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
        let suggested = |name| Slug::from_name(name).map(|slug| slug.to_string());
        assert_eq!(suggested("Café  Zürich!"), Some("cafe-zurich".into()));
        assert_eq!(suggested("O'Neill & Sons"), Some("oneill-sons".into()));
        assert_eq!(suggested("北京"), Some("bei-jing".into()));
        assert_eq!(suggested("!!!"), None);
        assert_eq!(suggested("Admin"), None);
    }

    #[test]
    fn every_name_suggests_a_slug_with_a_suffix() {
        let suggested = |name: &str| {
            let slug = Slug::from_name_with_suffix(name, "x7k2").expect("valid");
            slug.to_string()
        };
        assert_eq!(suggested("Acme"), "acme-x7k2");
        assert_eq!(suggested("Admin"), "admin-x7k2");
        assert_eq!(suggested("!!!"), "org-x7k2");
        let long = suggested(&"a".repeat(255));
        assert_eq!(long.len(), 63);
        assert!(long.ends_with("a-x7k2"));
    }
}
