//! The code that a person types as the second factor.

use std::{fmt, str::FromStr};

use tenantry_core::{text_field, value::InvalidText};

use super::{RecoveryCode, TotpCode};

/// The longest text that is read, with spaces and hyphens.
const MAX: usize = 64;

/// The code that a person types as the second factor: one of an authenticator app, or a recovery code.
#[derive(Clone, PartialEq, Eq)]
pub enum SecondFactorCode {
    /// Six digits of an authenticator app.
    Totp(TotpCode),
    /// A recovery code.
    Recovery(RecoveryCode),
}

impl FromStr for SecondFactorCode {
    type Err = InvalidText;

    /// Spaces and hyphens are ignored, as is the case of letters.
    fn from_str(text: &str) -> Result<Self, InvalidText> {
        const EXPECTED: InvalidText =
            InvalidText("must be the six digits of an authenticator app, or a recovery code");
        if text.len() > MAX {
            return Err(EXPECTED);
        }
        let is_filler = |letter: &char| letter.is_ascii_whitespace() || *letter == '-';
        let plain: String = text.chars().filter(|letter| !is_filler(letter)).collect();
        let totp = TotpCode::parse(&plain).map(Self::Totp);
        let code = totp.or_else(|| RecoveryCode::parse(&plain).map(Self::Recovery));
        code.ok_or(EXPECTED)
    }
}

impl fmt::Debug for SecondFactorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecondFactorCode")
    }
}

text_field!(SecondFactorCode, { "maxLength": MAX });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sorts_of_codes_are_read_as_people_type_them() {
        let parse = |text: &str| text.parse::<SecondFactorCode>();
        for text in ["123456", "123 456", " 123-456 "] {
            let Ok(SecondFactorCode::Totp(_)) = parse(text) else {
                panic!("{text}");
            };
        }
        let plain = parse("abcdefghijkmnpqrstuvwxyz");
        assert_eq!(parse("ABCD-EFGH-IJKM-NPQR-STUV-WXYZ"), plain);
        assert!(matches!(plain, Ok(SecondFactorCode::Recovery(_))));
        for text in [
            "",
            "12345",
            "1234567",
            "١٢٣٤٥٦",
            "abcdefghijkmnpqrstuvwxy",
            "abcdefghijkmnpqrstuvwxy1",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(
            format!("{:?}", parse("123456").expect("a code")),
            "SecondFactorCode"
        );
    }
}
