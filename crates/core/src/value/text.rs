//! Names and descriptions.

use unicode_normalization::UnicodeNormalization as _;

use super::{
    keys::{search_key, sort_key},
    visible::{is_legible, without_last_non_joiner},
};

/// Text that violates its type's rule, which is the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidText(pub &'static str);

const NAME_MAX: usize = 255;
const NAME_RULE: &str =
    "must be 1 to 255 characters, at least one of them visible, and no hidden ones";
const DESCRIPTION_MAX: usize = 10_000;
const DESCRIPTION_RULE: &str = "must be at most 10000 characters without NUL";

/// A line before it is trimmed, as a regular expression.
pub const NOT_BLANK: &str = r"\S";

crate::text_value!(
    /// The name of a person, an organization or a project: one line of 1 to 255 characters,
    /// trimmed, in Unicode's composed form (NFC), and legible: at least one character can be seen, and
    /// invisible ones stand only in visible sequences, such as emoji.
    Name,
    parse_name,
    // Earlier versions accepted names that are not legible.
    stored: Ok,
    { "minLength": 1, "maxLength": NAME_MAX, "pattern": NOT_BLANK, "description": NAME_RULE }
);

crate::text_value!(
    /// Why an operator did something: one line, as a [`Name`].
    Reason,
    parse_name,
    { "minLength": 1, "maxLength": NAME_MAX, "pattern": NOT_BLANK, "description": NAME_RULE }
);

crate::text_value!(
    /// Free text of up to 10,000 characters, line breaks allowed, NUL not.
    Description,
    parse_description,
    { "maxLength": DESCRIPTION_MAX, "description": DESCRIPTION_RULE }
);

impl Description {
    /// The empty text.
    #[must_use]
    pub const fn empty() -> Self {
        Self(String::new())
    }
}

impl Name {
    /// What it is searched by.
    #[must_use]
    pub fn search_key(&self) -> String {
        search_key(&self.0)
    }

    /// What it is sorted by.
    #[must_use]
    pub fn sort_key(&self) -> String {
        sort_key(&self.0)
    }

    /// The name in lower case, by which the version before searches and sorts.
    #[must_use]
    pub fn lower_case(&self) -> String {
        self.0.to_lowercase()
    }
}

fn parse_name(text: &str) -> Result<String, InvalidText> {
    parse_line(text, NAME_MAX).ok_or(InvalidText(NAME_RULE))
}

fn parse_description(text: &str) -> Result<String, InvalidText> {
    if text.contains('\0') || text.chars().count() > DESCRIPTION_MAX {
        return Err(InvalidText(DESCRIPTION_RULE));
    }
    Ok(text.to_owned())
}

/// One trimmed, composed line of 1 to `max` characters, at least one of which can be seen; `None` if the
/// text is not one.
#[must_use]
pub fn parse_line(text: &str, max: usize) -> Option<String> {
    let text = text.trim();
    // ASCII is always composed.
    let line = if text.is_ascii() {
        text.to_owned()
    } else {
        without_last_non_joiner(&text.nfc().collect::<String>()).to_owned()
    };
    let fits = (1..=max).contains(&line.chars().count());
    (fits && is_legible(&line)).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_composed() {
        let name: Name = "  Cafe\u{301}  ".parse().expect("valid");
        assert_eq!(name.as_str(), "Café");
    }

    #[test]
    fn a_name_holds_1_to_255_characters_of_any_script() {
        for good in ["x".to_owned(), "名".repeat(255)] {
            assert!(Name::try_from(good).is_ok());
        }
        for bad in [String::new(), "  ".to_owned(), "名".repeat(256)] {
            assert!(Name::try_from(bad).is_err());
        }
    }

    #[test]
    fn a_name_holds_no_control_or_direction_characters() {
        for bad in [
            "a\0b",
            "a\nb",
            "a\u{7f}b",
            "a\u{202e}b",
            "\u{200b}",
            "a\u{200e}b",
            "\u{3164}",
            "\u{200d}",
        ] {
            assert!(bad.parse::<Name>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_non_joiner_behind_a_word_is_left_out() {
        for (typed, kept) in [
            // Sorani "book", Persian "house", and a letter with a mark.
            ("کتێبە\u{200c}", "کتێبە"),
            ("خانه\u{200c}", "خانه"),
            (" نامه\u{200c} ", "نامه"),
            ("مَ\u{200c}", "مَ"),
            ("می\u{200c}خواهم\u{200c}", "می\u{200c}خواهم"),
        ] {
            assert_eq!(typed.parse::<Name>().expect(typed).as_str(), kept);
        }
        for bad in [
            "\u{200c}",
            "Ada\u{200c}",
            "名\u{200c}",
            "خانه\u{200c}\u{200c}",
            "خانه \u{200c}",
        ] {
            assert!(bad.parse::<Name>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_stored_name_of_an_earlier_rule_is_read() {
        let stored: Name = serde_json::from_str("\"\u{200d}\"").expect("kept");
        assert_eq!(stored.as_str(), "\u{200d}");
    }

    #[test]
    fn a_description_may_be_empty_and_keeps_its_lines() {
        assert_eq!("".parse::<Description>(), Ok(Description::empty()));
        assert!("one\ntwo".parse::<Description>().is_ok());
        assert!("a\0".parse::<Description>().is_err());
        assert!("x".repeat(10_001).parse::<Description>().is_err());
    }
}
