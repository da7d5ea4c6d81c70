//! The secret of an invitation as people paste it.

use std::str::FromStr;

use tenantry_core::{text_field, value::InvalidText};
use tenantry_organizations::InvitationSecret;

/// The secret of an invitation, or the link that holds it.
#[derive(Clone, Debug)]
pub(super) struct Pasted(pub(super) InvitationSecret);

text_field!(Pasted, { "maxLength": 1000 });

impl FromStr for Pasted {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let secret = text.trim().rsplit("#token=").next().unwrap_or_default();
        if secret.is_empty() {
            return Err(InvalidText("must hold the secret of an invitation"));
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
            "tnti_abc",
            " tnti_abc\n",
            "https://tenantry.example/invitations/accept#token=tnti_abc",
            "/invitations/accept#token=tnti_abc",
        ] {
            let Pasted(secret) = text.parse().expect(text);
            assert_eq!(secret.expose(), "tnti_abc");
        }
        let long = "a".repeat(201);
        for bad in [
            "",
            " ",
            "https://tenantry.example/invitations/accept#token=",
            &long,
        ] {
            assert!(bad.parse::<Pasted>().is_err(), "{bad}");
        }
    }
}
