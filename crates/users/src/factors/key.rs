//! The key that encrypts the secrets of authenticator apps at rest.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::Sha256;
use tenantry_core::{id::UserId, runtime::Runtime};

use super::Secret;

/// How second factors are set up.
#[derive(Clone, Debug)]
pub struct FactorSettings {
    /// Encrypts the secrets of authenticator apps.
    pub key: FactorKey,
    /// The name of the product, as an authenticator app shows it.
    pub issuer: String,
}

/// Encrypts the secrets of authenticator apps. They are needed in plain text to check a code, so they
/// can't be stored as digests.
#[derive(Clone)]
pub struct FactorKey([u8; 32]);

impl FactorKey {
    /// A key derived from the deployment's secret; every process derives the same one.
    ///
    /// # Panics
    /// Never: HMAC takes a secret of any length.
    #[must_use]
    pub fn derive(secret: &[u8]) -> Self {
        let derivation =
            Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
        let key = derivation
            .chain_update(b"tenantry second factor key")
            .finalize()
            .into_bytes();
        Self(key.into())
    }

    /// The secret, encrypted for one account.
    pub(crate) fn seal(&self, runtime: &Runtime, user: UserId, secret: &Secret) -> SealedSecret {
        // A random nonce: a key would have to seal billions of secrets for one to come twice.
        let nonce = runtime.random_bytes::<NONCE_LEN>();
        let mut sealed = secret.bytes().to_vec();
        let key = self.aead();
        key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            account(user),
            &mut sealed,
        )
        .expect("a secret is much shorter than the maximum");
        SealedSecret(STANDARD_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    /// The secret of that account; `None` if it was sealed with another key or for another account.
    pub(crate) fn open(&self, user: UserId, sealed: &SealedSecret) -> Option<Secret> {
        let mut bytes = STANDARD_NO_PAD.decode(&sealed.0).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let opened = self.aead().open_in_place(nonce, account(user), sealed);
        Secret::of(opened.ok()?)
    }

    fn aead(&self) -> LessSafeKey {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &self.0).expect("the key has 256 bits");
        LessSafeKey::new(key)
    }
}

/// A row that is copied to another account can't be opened there.
fn account(user: UserId) -> Aad<[u8; 16]> {
    Aad::from(*user.uuid().as_bytes())
}

impl fmt::Debug for FactorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FactorKey")
    }
}

/// An encrypted secret, as it is stored: nonce, secret and tag in Base64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SealedSecret(String);

tenantry_core::column_value!(SealedSecret, String, |sealed| sealed.0, |text| {
    Ok::<_, std::convert::Infallible>(SealedSecret(text))
});

#[cfg(test)]
mod tests {
    use tenantry_core::id::Uuid;

    use super::*;

    #[test]
    fn a_secret_is_opened_with_its_key_and_for_its_account_only() {
        let runtime = Runtime::system();
        let (ada, bob) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
        let secret = Secret::generate(&runtime);
        let key = FactorKey::derive(b"a secret");
        let sealed = key.seal(&runtime, ada, &secret);
        assert!(FactorKey::derive(b"a secret").open(ada, &sealed) == Some(secret));
        assert!(key.open(bob, &sealed).is_none());
        assert!(FactorKey::derive(b"another").open(ada, &sealed).is_none());
        let mut altered = sealed.0.clone().into_bytes();
        altered[20] ^= 1;
        let altered = String::from_utf8(altered).expect("ASCII");
        assert!(key.open(ada, &SealedSecret(altered)).is_none());
        assert!(key.open(ada, &SealedSecret("short".to_owned())).is_none());
        assert_eq!(format!("{key:?}"), "FactorKey");
    }
}
