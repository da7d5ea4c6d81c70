//! The search text of lists.

use std::str::FromStr;

use tenantry_core::{
    text_field,
    value::{InvalidText, NOT_BLANK, parse_line},
};

const MAX: usize = 255;

text_field!(Search, { "minLength": 1, "maxLength": MAX, "pattern": NOT_BLANK });

/// A search text, in any case.
#[derive(Debug)]
pub(crate) struct Search(String);

impl Search {
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

impl FromStr for Search {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_line(text, MAX)
            .map(Self)
            .ok_or(InvalidText("must be 1 to 255 characters"))
    }
}
