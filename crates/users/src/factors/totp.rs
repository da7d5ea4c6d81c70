//! Codes of authenticator apps: RFC 6238 with SHA-1, six digits and steps of 30 seconds, which is what
//! every app knows.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use tenantry_core::{clock::Timestamp, runtime::Runtime};

/// The seconds of a step.
const STEP: i64 = 30;

/// The digits of a code.
const DIGITS: usize = 6;

/// How many steps the clock of the app may be off, in each direction.
const DRIFT: i64 = 1;

/// The bytes of a secret: those of SHA-1's output, as RFC 4226 recommends.
const SECRET: usize = 20;

/// The secret that an authenticator app shares with the server.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret([u8; SECRET]);

impl Secret {
    pub(crate) fn generate(runtime: &Runtime) -> Self {
        Self(runtime.random_bytes())
    }

    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub(super) const fn bytes(&self) -> &[u8; SECRET] {
        &self.0
    }

    /// The secret in Base32 (RFC 4648), as people type it into an app.
    pub(crate) fn base32(&self) -> String {
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        // 20 bytes are 32 groups of five bits, so there is nothing to pad.
        self.0
            .chunks(5)
            .flat_map(|five| {
                let bits = five
                    .iter()
                    .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
                (0..8).rev().map(move |group| (bits >> (5 * group)) & 31)
            })
            .map(|group| char::from(ALPHABET[usize::try_from(group).unwrap_or_default()]))
            .collect()
    }

    /// The step that a code is of, if that is now, one step ago or one ahead, and later than `used`.
    pub(crate) fn step_of(&self, code: TotpCode, now: Timestamp, used: i64) -> Option<i64> {
        let current = now.timestamp().div_euclid(STEP);
        let steps = (current - DRIFT)..=(current + DRIFT);
        steps
            .filter(|step| *step > used)
            .find(|step| self.code_at(*step) == code)
    }

    /// The code of a step (RFC 4226, section 5.3).
    pub(crate) fn code_at(&self, step: i64) -> TotpCode {
        let mac = Hmac::<Sha1>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        let hash = mac.chain_update(step.to_be_bytes()).finalize().into_bytes();
        let offset = usize::from(hash[hash.len() - 1] & 15);
        let four = hash[offset..].iter().take(4);
        let number = four.fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        TotpCode((number & 0x7fff_ffff) % 10_u32.pow(6))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A code of six digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TotpCode(u32);

impl TotpCode {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_code = text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit());
        is_code.then(|| text.parse().ok()).flatten().map(Self)
    }
}

impl fmt::Debug for TotpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpCode")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of the test vectors.
    const SECRET: Secret = Secret(*b"12345678901234567890");

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp(seconds, 0).expect("a time")
    }

    fn code(text: &str) -> TotpCode {
        TotpCode::parse(text).expect("six digits")
    }

    #[test]
    fn the_vectors_of_rfc_6238_hold() {
        // Appendix B, SHA-1: the last six of their eight digits.
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = SECRET.step_of(code(expected), at(seconds), 0);
            assert_eq!(step, Some(seconds / STEP), "{seconds}");
        }
    }

    #[test]
    fn the_vectors_of_rfc_4226_hold() {
        // Appendix D.
        for (counter, expected) in (0..).zip([
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ]) {
            assert_eq!(SECRET.code_at(counter), code(expected), "{counter}");
        }
    }

    #[test]
    fn one_step_of_drift_is_accepted_in_each_direction() {
        let step = 1_000;
        let typed = SECRET.code_at(step);
        for (now, accepted) in [
            (998, false),
            (999, true),
            (1_000, true),
            (1_001, true),
            (1_002, false),
        ] {
            let found = SECRET.step_of(typed, at(now * STEP), 0);
            assert_eq!(found, accepted.then_some(step), "{now}");
        }
    }

    #[test]
    fn a_used_step_and_earlier_ones_are_refused() {
        let now = at(1_000 * STEP);
        for (step, accepted) in [(999, false), (1_000, false), (1_001, true)] {
            let found = SECRET.step_of(SECRET.code_at(step), now, 1_000);
            assert_eq!(found.is_some(), accepted, "{step}");
        }
    }

    #[test]
    fn a_secret_is_shown_in_base32_and_not_in_debug_output() {
        assert_eq!(SECRET.base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(format!("{SECRET:?}"), "Secret");
        assert_eq!(format!("{:?}", code("123456")), "TotpCode");
    }
}
