//! The search text of lists.

use std::str::FromStr;

use super::{InvalidText, NOT_BLANK, parse_line};

const MAX: usize = 255;

crate::text_field!(SearchText, { "minLength": 1, "maxLength": MAX, "pattern": NOT_BLANK });

/// What a list is searched for: one line of 1 to 255 characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchText(String);

impl SearchText {
    /// The text.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

impl FromStr for SearchText {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_line(text, MAX)
            .map(Self)
            .ok_or(InvalidText("must be 1 to 255 characters"))
    }
}
