//! Recovery codes.

use std::{convert::Infallible, fmt};

use tenantry_core::{digest::sha256, runtime::Runtime};

/// How many a person has.
pub(crate) const COUNT: usize = 10;

/// Its characters; each encodes five bits.
const LENGTH: usize = 24;

/// The characters between two hyphens, as a code is shown.
const GROUP: usize = 4;

/// A code that is good once in place of a second factor: 120 random bits. It is shown once, and stored
/// as its digest.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// A person's codes.
    pub(crate) fn generate(runtime: &Runtime) -> Vec<Self> {
        let codes = (0..COUNT).map(|_| Self(runtime.random_token(LENGTH)));
        codes.collect()
    }

    /// The code in text without hyphens, in any case.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let is_letter = |byte: u8| byte.is_ascii_lowercase() || (b'2'..=b'9').contains(&byte);
        (text.len() == LENGTH && text.bytes().all(is_letter)).then_some(Self(text))
    }

    /// The code as it is shown, in groups.
    #[must_use]
    pub fn expose(&self) -> String {
        let letters: Vec<_> = self.0.chars().collect();
        let groups = letters.chunks(GROUP).map(|group| group.iter().collect());
        groups.collect::<Vec<String>>().join("-")
    }

    pub(crate) fn digest(&self) -> RecoveryDigest {
        RecoveryDigest(sha256(&self.0))
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode")
    }
}

/// The SHA-256 of a code in hexadecimal, as it is stored. A slow hash would gain nothing: 120 bits can't
/// be guessed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RecoveryDigest(String);

tenantry_core::column_value!(RecoveryDigest, String, |digest| digest.0, |hex| {
    Ok::<_, Infallible>(RecoveryDigest(hex))
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_codes_of_120_bits_are_shown_in_groups_and_not_in_debug_output() {
        let codes = RecoveryCode::generate(&Runtime::system());
        assert_eq!(codes.len(), COUNT);
        for code in &codes {
            let shown = code.expose();
            assert_eq!(shown.split('-').count(), LENGTH / GROUP, "{shown}");
            assert_eq!(
                RecoveryCode::parse(&shown.replace('-', "")).as_ref(),
                Some(code)
            );
            assert_eq!(format!("{code:?}"), "RecoveryCode");
        }
        let distinct: std::collections::BTreeSet<_> =
            codes.iter().map(RecoveryCode::expose).collect();
        assert_eq!(distinct.len(), COUNT);
    }
}
