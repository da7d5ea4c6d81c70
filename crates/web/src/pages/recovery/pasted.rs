//! The secret of a mailed link as people paste it.

use std::str::FromStr;

use tenantry_core::{text_field, value::InvalidText};
use tenantry_users::LinkSecret;

/// What people read whose link is dead.
pub(super) const DEAD_LINK: &str =
    "This link is of no use any more: it was used, it is too old, or a newer one was sent.";

/// The secret of a link, or the link that holds it.
#[derive(Clone, Debug)]
pub(super) struct Pasted(pub(super) LinkSecret);

text_field!(Pasted, { "maxLength": 1000 });

impl FromStr for Pasted {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let secret = text.trim().rsplit("#token=").next().unwrap_or_default();
        if secret.is_empty() {
            return Err(InvalidText("must be the link of the mail"));
        }
        secret.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_can_be_pasted_whole_or_its_secret_only() {
        for text in [
            "tntl_abc",
            " tntl_abc\n",
            "https://tenantry.example/reset#token=tntl_abc",
        ] {
            let Pasted(secret) = text.parse().expect(text);
            assert_eq!(secret.expose(), "tntl_abc");
        }
        for bad in ["", " ", "https://tenantry.example/reset#token="] {
            assert!(bad.parse::<Pasted>().is_err(), "{bad}");
        }
    }
}
