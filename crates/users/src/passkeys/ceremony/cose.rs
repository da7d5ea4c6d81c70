//! Public keys in the COSE form (RFC 9052, section 7), and the signatures that they verify.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

use super::{
    CeremonyError,
    cbor::{self, Map, Value},
};

/// The signature algorithms that are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// ECDSA with P-256 and SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256, which older authenticators of Windows need.
    Rs256,
}

impl Algorithm {
    /// The preferred one first: nearly every authenticator has it.
    pub(crate) const ALL: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Rs256];

    /// Its number in the IANA registry of COSE algorithms.
    pub(crate) const fn number(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }
}

/// A public key of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PublicKey {
    /// The uncompressed point.
    Es256([u8; 65]),
    Ed25519([u8; 32]),
    Rs256 {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
}

/// The labels of key parameters (RFC 9053, sections 7.1 and 7.2; RFC 8230, section 4).
const KEY_TYPE: i64 = 1;
const ALGORITHM: i64 = 3;
const CURVE_OR_MODULUS: i64 = -1;
const X_OR_EXPONENT: i64 = -2;
const Y: i64 = -3;

/// The values of key type and curve.
const OKP: i64 = 1;
const EC2: i64 = 2;
const RSA: i64 = 3;
const P256: i64 = 1;
const ED25519_CURVE: i64 = 6;

impl PublicKey {
    /// Reads the bytes of one key.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, CeremonyError> {
        let value = cbor::whole(bytes).map_err(|_| CeremonyError::PublicKey)?;
        let Value::Map(map) = value else {
            return Err(CeremonyError::PublicKey);
        };
        Self::of(&map)
    }

    /// The key in a map. Optional parameters are not allowed (section 6.5.1).
    pub(super) fn of(map: &Map<'_>) -> Result<Self, CeremonyError> {
        let algorithm = integer(map, ALGORITHM)?;
        let algorithm = Algorithm::ALL
            .into_iter()
            .find(|known| known.number() == algorithm)
            .ok_or(CeremonyError::Algorithm)?;
        let key_type = integer(map, KEY_TYPE)?;
        let is = |expected, entries| key_type == expected && map.len() == entries;
        match algorithm {
            Algorithm::Es256 if is(EC2, 5) && integer(map, CURVE_OR_MODULUS)? == P256 => {
                let mut point = [4; 65];
                point[1..33].copy_from_slice(&coordinate(map, X_OR_EXPONENT)?);
                point[33..].copy_from_slice(&coordinate(map, Y)?);
                Ok(Self::Es256(point))
            }
            Algorithm::EdDsa if is(OKP, 4) && integer(map, CURVE_OR_MODULUS)? == ED25519_CURVE => {
                Ok(Self::Ed25519(coordinate(map, X_OR_EXPONENT)?))
            }
            Algorithm::Rs256 if is(RSA, 4) => Ok(Self::Rs256 {
                modulus: bytes(map, CURVE_OR_MODULUS)?.to_vec(),
                exponent: bytes(map, X_OR_EXPONENT)?.to_vec(),
            }),
            _ => Err(CeremonyError::PublicKey),
        }
    }

    /// Verifies a signature.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), CeremonyError> {
        let verified = match self {
            Self::Es256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
            Self::Rs256 { modulus, exponent } => RsaPublicKeyComponents {
                n: modulus,
                e: exponent,
            }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature),
        };
        verified.map_err(|_| CeremonyError::Signature)
    }
}

fn integer(map: &Map<'_>, label: i64) -> Result<i64, CeremonyError> {
    match map.get(&Value::Integer(label)) {
        Some(Value::Integer(number)) => Ok(*number),
        _ => Err(CeremonyError::PublicKey),
    }
}

fn bytes<'a>(map: &Map<'a>, label: i64) -> Result<&'a [u8], CeremonyError> {
    match map.get(&Value::Integer(label)) {
        Some(Value::Bytes(bytes)) => Ok(bytes),
        _ => Err(CeremonyError::PublicKey),
    }
}

fn coordinate(map: &Map<'_>, label: i64) -> Result<[u8; 32], CeremonyError> {
    let bytes = bytes(map, label)?;
    bytes.try_into().map_err(|_| CeremonyError::PublicKey)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passkeys::ceremony::authenticator::{Key, entry, int};

    #[test]
    fn a_signature_of_the_key_passes_and_every_changed_bit_is_refused() {
        for key in [Key::es256(), Key::ed25519()] {
            let public = PublicKey::parse(&key.cose()).expect("a key");
            let signature = key.sign(b"a message");
            assert_eq!(public.verify(b"a message", &signature), Ok(()));
            assert!(public.verify(b"a massage", &signature).is_err());
            for bit in 0..signature.len() * 8 {
                let mut changed = signature.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                let refused = public.verify(b"a message", &changed);
                assert_eq!(refused, Err(CeremonyError::Signature), "{bit}");
            }
            assert!(public.verify(b"a message", b"").is_err());
        }
    }

    #[test]
    fn an_algorithm_that_was_not_offered_is_refused() {
        let es384 = [entry(1, int(2)), entry(3, int(-35)), entry(-1, int(2))];
        let key = [vec![0xa3], es384.concat()].concat();
        assert_eq!(PublicKey::parse(&key), Err(CeremonyError::Algorithm));
    }

    #[test]
    fn a_key_of_another_type_curve_or_length_is_refused() {
        let coordinate = |length: usize| [vec![0x58, length as u8], vec![1; length]].concat();
        let ec = |kty, curve, x, y| {
            [
                vec![0xa5],
                entry(1, int(kty)),
                entry(3, int(-7)),
                entry(-1, int(curve)),
                entry(-2, coordinate(x)),
                entry(-3, coordinate(y)),
            ]
            .concat()
        };
        assert!(PublicKey::parse(&ec(2, 1, 32, 32)).is_ok());
        for bad in [
            ec(1, 1, 32, 32),
            ec(3, 1, 32, 32),
            ec(2, 2, 32, 32),
            ec(2, 1, 31, 32),
            ec(2, 1, 32, 33),
        ] {
            assert_eq!(PublicKey::parse(&bad), Err(CeremonyError::PublicKey));
        }
        // A compressed point has a sign in place of the second coordinate.
        let compressed = [
            vec![0xa5],
            entry(1, int(2)),
            entry(3, int(-7)),
            entry(-1, int(1)),
            entry(-2, coordinate(32)),
            entry(-3, vec![0xf5]),
        ];
        let refused = PublicKey::parse(&compressed.concat());
        assert_eq!(refused, Err(CeremonyError::PublicKey));
    }

    #[test]
    fn a_key_without_its_algorithm_or_with_optional_parameters_is_refused() {
        let good = Key::es256().cose();
        let mut with_key_ops = vec![0xa6];
        with_key_ops.extend(&good[1..]);
        with_key_ops.extend(entry(4, vec![0x81, 2]));
        let refused = PublicKey::parse(&with_key_ops);
        assert_eq!(refused, Err(CeremonyError::PublicKey));
        for bad in [&[0xa0][..], &[0x80], &[], &[0xa1, 1, 2]] {
            assert_eq!(PublicKey::parse(bad), Err(CeremonyError::PublicKey));
        }
    }

    #[test]
    fn a_short_rsa_key_verifies_nothing() {
        let key = PublicKey::Rs256 {
            modulus: vec![0xff; 128],
            exponent: vec![1, 0, 1],
        };
        assert!(key.verify(b"a message", &[1; 128]).is_err());
    }
}
