//! Passwords as typed. Neither type can be displayed or serialized.

use std::{fmt, ops::RangeInclusive, str::FromStr};

use secrecy::zeroize::Zeroizing;
use tenantry_core::{text_field, value::InvalidText};
use unicode_normalization::UnicodeNormalization as _;

use super::common;

const MIN: usize = 8;
const MAX: usize = 128;
const TYPED_MAX: usize = 1000;

/// A password that a user may choose: 8 to 128 characters of any script, without NUL, and
/// not a common one.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(PasswordInput);

/// Any input to a password field, at most 1000 characters.
///
/// It is not checked against the rules for new passwords: they may have changed since, and a
/// response that names a rule would help an attacker to guess.
///
/// Both types are normalized to Unicode's composed form (NFC), because keyboards compose the same
/// letter differently.
///
/// Its memory is overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordInput(Zeroizing<String>);

impl PasswordInput {
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl Password {
    /// How many characters it has.
    pub const LENGTH: RangeInclusive<usize> = MIN..=MAX;
}

text_field!(PasswordInput, { "format": "password", "maxLength": TYPED_MAX });
text_field!(Password, { "format": "password", "minLength": MIN, "maxLength": MAX });

impl FromStr for PasswordInput {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if text.chars().count() > TYPED_MAX {
            return Err(InvalidText("must be at most 1000 characters"));
        }
        // The longest composed form, so that no copy is left behind by growing.
        let mut composed = Zeroizing::new(String::with_capacity(3 * text.len()));
        composed.extend(text.nfc());
        Ok(Self(composed))
    }
}

impl FromStr for Password {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        const LENGTH: InvalidText = InvalidText("must be 8 to 128 characters");
        let typed: PasswordInput = text.parse().map_err(|_| LENGTH)?;
        if !Self::LENGTH.contains(&typed.0.chars().count()) {
            return Err(LENGTH);
        }
        if typed.0.contains('\0') {
            return Err(InvalidText("must not hold a NUL character"));
        }
        if common::is_common(&typed.0) {
            return Err(InvalidText("is one of the most common passwords"));
        }
        Ok(Self(typed))
    }
}

impl From<Password> for PasswordInput {
    fn from(password: Password) -> Self {
        password.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}

impl fmt::Debug for PasswordInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordInput")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_8_to_128_characters_of_any_script() {
        for good in ["8 chars!", "пароль-и-соль", &"名前".repeat(64)] {
            assert!(good.parse::<Password>().is_ok(), "{good}");
        }
        for bad in ["7 chars", "", &"名前名".repeat(43), &"xy".repeat(5_000)] {
            assert!(bad.parse::<Password>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_holds_no_nul() {
        assert!("correct\0horse".parse::<Password>().is_err());
    }

    #[test]
    fn the_length_is_that_of_the_composed_form() {
        let decomposed = "e\u{301}a\u{300}o\u{302}e\u{300}u\u{301}i\u{302}a\u{301}";
        assert!(decomposed.parse::<Password>().is_err());
    }

    #[test]
    fn the_most_common_passwords_are_rejected_in_any_case() {
        for bad in ["password", "PassWord1", "12345678", "qwertyuiop"] {
            assert!(bad.parse::<Password>().is_err(), "{bad}");
        }
    }

    #[test]
    fn composed_and_decomposed_input_is_the_same_password() {
        let composed: PasswordInput = "caf\u{e9}-chaise".parse().expect("valid");
        let decomposed: Password = "cafe\u{301}-chaise".parse().expect("valid");
        assert_eq!(composed, decomposed.into());
    }

    #[test]
    fn any_input_of_up_to_1000_characters_can_be_checked() {
        for typed in ["", "x", "password", &"x".repeat(1000)] {
            assert!(typed.parse::<PasswordInput>().is_ok());
        }
        assert!("x".repeat(1001).parse::<PasswordInput>().is_err());
    }

    #[test]
    fn a_password_never_shows_in_debug_output() {
        let password: Password = "correct horse".parse().expect("valid");
        let shown = format!("{password:?} {:?}", PasswordInput::from(password.clone()));
        assert_eq!(shown, "Password PasswordInput");
    }
}
