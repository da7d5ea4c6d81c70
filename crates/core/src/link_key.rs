//! The secrets of mailed links.
//!
//! A link is mailed some time after it was made. Its secret is stored nowhere in the meantime: it is
//! derived again from the deployment's secret and from what the row of the link has.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::{digest::hex, id::Uuid};

/// Makes the secrets of mailed links.
#[derive(Clone)]
pub struct LinkKey(Hmac<Sha256>);

/// What the secret of one link is made of.
#[derive(Clone, Copy, Debug)]
pub struct LinkSeed {
    /// What the link is good for.
    pub purpose: &'static str,
    /// The id of its row.
    pub row: Uuid,
    /// How often a secret was made for the row.
    pub generation: i64,
}

impl LinkKey {
    /// A key derived from the deployment's secret; every process derives the same one.
    ///
    /// # Panics
    /// Never: HMAC takes a secret of any length.
    #[must_use]
    pub fn derive(secret: &[u8]) -> Self {
        let derivation =
            Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
        let key = derivation
            .chain_update(b"tenantry link key")
            .finalize()
            .into_bytes();
        Self(Hmac::new_from_slice(&key).expect("HMAC takes a key of any length"))
    }

    /// The secret of one link: 256 bits in hexadecimal.
    #[must_use]
    pub fn secret(&self, seed: LinkSeed) -> String {
        let mac = self
            .0
            .clone()
            .chain_update(seed.row.as_bytes())
            .chain_update(seed.generation.to_be_bytes())
            .chain_update(seed.purpose);
        hex(&mac.finalize().into_bytes())
    }
}

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_again_and_differs_in_each_part_of_its_seed_and_key() {
        let seed = LinkSeed {
            purpose: "password_reset",
            row: Uuid::from_u128(1),
            generation: 1,
        };
        let key = LinkKey::derive(b"a secret");
        let secret = key.secret(seed);
        assert_eq!(secret.len(), 64);
        assert_eq!(LinkKey::derive(b"a secret").secret(seed), secret);
        for (key, other) in [
            (LinkKey::derive(b"another secret"), seed),
            (
                key.clone(),
                LinkSeed {
                    purpose: "email_change",
                    ..seed
                },
            ),
            (
                key.clone(),
                LinkSeed {
                    row: Uuid::from_u128(2),
                    ..seed
                },
            ),
            (
                key.clone(),
                LinkSeed {
                    generation: 2,
                    ..seed
                },
            ),
        ] {
            assert_ne!(key.secret(other), secret, "{other:?}");
        }
        assert_eq!(format!("{key:?}"), "LinkKey");
    }
}
