//! An authenticator app.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// An authenticator app (RFC 6238): a second implementation beside the one of the server.
#[derive(Clone, Debug)]
pub struct Authenticator {
    key: Vec<u8>,
}

impl Authenticator {
    /// An app that is set up with this secret, in Base32 (RFC 4648).
    ///
    /// # Panics
    /// When it is no Base32.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        let mut bits = String::new();
        for letter in secret.chars() {
            let value = match letter {
                'A'..='Z' => u32::from(letter) - u32::from('A'),
                '2'..='7' => u32::from(letter) - u32::from('2') + 26,
                other => panic!("{other} is no letter of Base32"),
            };
            bits.push_str(&format!("{value:05b}"));
        }
        let whole = bits.len() / 8 * 8;
        let bytes = bits.as_bytes()[..whole].chunks(8).map(|byte| {
            let byte = str::from_utf8(byte).expect("digits");
            u8::from_str_radix(byte, 2).expect("eight bits")
        });
        Self {
            key: bytes.collect(),
        }
    }

    /// The code that it shows at a time, in seconds since 1970.
    ///
    /// # Panics
    /// Never: HMAC takes a key of any length.
    #[must_use]
    pub fn code_at(&self, seconds: u64) -> String {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.key).expect("a key of any length");
        mac.update(&(seconds / 30).to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let start = usize::from(hash[19] & 0xf);
        let four: [u8; 4] = hash[start..start + 4].try_into().expect("four bytes");
        let number = u32::from_be_bytes(four) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    /// The code that it shows now.
    ///
    /// # Panics
    /// Before 1970.
    #[must_use]
    pub fn code(&self) -> String {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        self.code_at(now.expect("later than 1970").as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_6238_hold() {
        // The key of appendix B, and the last six of the eight digits.
        let app = Authenticator::new("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(app.code_at(seconds), code);
        }
    }
}
