//! An authenticator in software, for tests.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _},
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Expected, assertion::Assertion, registration::Registration};

pub(super) const CHALLENGE: &[u8] = b"a challenge";

pub(super) const EXPECTED: Expected<'_> = Expected {
    challenge: CHALLENGE,
    origin: "https://tenantry.example",
    rp_id: "tenantry.example",
};

/// A pair of keys.
pub(super) enum Key {
    Es256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Key {
    pub(super) fn es256() -> Self {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_ASN1_SIGNING);
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random);
        Self::Es256(pair.expect("a key"))
    }

    pub(super) fn ed25519() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
        Self::Ed25519(Ed25519KeyPair::from_pkcs8(document.as_ref()).expect("a key"))
    }

    pub(super) fn cose(&self) -> Vec<u8> {
        let coordinate = |bytes: &[u8]| [&[0x58, 32], bytes].concat();
        match self {
            Self::Es256(pair) => {
                let point = pair.public_key().as_ref();
                [
                    vec![0xa5],
                    entry(1, int(2)),
                    entry(3, int(-7)),
                    entry(-1, int(1)),
                    entry(-2, coordinate(&point[1..33])),
                    entry(-3, coordinate(&point[33..])),
                ]
                .concat()
            }
            Self::Ed25519(pair) => [
                vec![0xa4],
                entry(1, int(1)),
                entry(3, int(-8)),
                entry(-1, int(6)),
                entry(-2, coordinate(pair.public_key().as_ref())),
            ]
            .concat(),
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Es256(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message);
                signature.expect("a signature").as_ref().to_vec()
            }
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }
}

/// The CBOR of an integer from -256 to 255.
pub(super) fn int(number: i64) -> Vec<u8> {
    let (major, number) = if number < 0 {
        (0x20, -1 - number)
    } else {
        (0, number)
    };
    let number = u8::try_from(number).expect("a small number");
    if number < 24 {
        vec![major | number]
    } else {
        vec![major | 24, number]
    }
}

/// The CBOR of an entry of a map.
pub(super) fn entry(label: i64, value: Vec<u8>) -> Vec<u8> {
    [int(label), value].concat()
}

/// An attestation object.
pub(super) fn attestation(format: &str, statement: &[u8], data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("short").to_be_bytes();
    let format_length = u8::try_from(format.len()).expect("short");
    [
        &b"\xa3\x63fmt"[..],
        &[0x60 | format_length],
        format.as_bytes(),
        b"\x67attStmt",
        statement,
        b"\x68authData\x59",
        &length,
        data,
    ]
    .concat()
}

/// An authenticator, on a page of the expected origin.
pub(super) struct Authenticator {
    pub(super) key: Key,
    pub(super) credential_id: Vec<u8>,
    pub(super) rp_id: &'static str,
    /// Present, verified, can be backed up and is.
    pub(super) flags: u8,
    pub(super) sign_count: u32,
}

/// The answers to a registration.
pub(super) struct Made {
    credential_id: Vec<u8>,
    pub(super) client_data: Vec<u8>,
    pub(super) attestation_object: Vec<u8>,
}

impl Made {
    pub(super) fn registration(&self) -> Registration<'_> {
        Registration {
            credential_id: &self.credential_id,
            client_data: &self.client_data,
            attestation_object: &self.attestation_object,
        }
    }
}

/// The answers to a login.
pub(super) struct Signed {
    pub(super) client_data: Vec<u8>,
    pub(super) authenticator_data: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

impl Signed {
    pub(super) fn assertion(&self) -> Assertion<'_> {
        Assertion {
            client_data: &self.client_data,
            authenticator_data: &self.authenticator_data,
            signature: &self.signature,
        }
    }
}

impl Authenticator {
    pub(super) fn new() -> Self {
        Self::with(Key::es256())
    }

    pub(super) fn with(key: Key) -> Self {
        Self {
            key,
            credential_id: b"a credential".to_vec(),
            rp_id: EXPECTED.rp_id,
            flags: 0b1_1101,
            sign_count: 0,
        }
    }

    pub(super) fn create(&self, challenge: &[u8]) -> Made {
        Made {
            credential_id: self.credential_id.clone(),
            client_data: client_data("webauthn.create", challenge),
            attestation_object: attestation("none", &[0xa0], &self.data_with_credential()),
        }
    }

    pub(super) fn get(&self, challenge: &[u8]) -> Signed {
        let client_data = client_data("webauthn.get", challenge);
        let authenticator_data = self.data(self.flags);
        let hash = Sha256::digest(&client_data);
        let signature = self.key.sign(&[&authenticator_data[..], &hash].concat());
        Signed {
            client_data,
            authenticator_data,
            signature,
        }
    }

    pub(super) fn data_with_credential(&self) -> Vec<u8> {
        let length = u16::try_from(self.credential_id.len()).expect("short");
        let mut data = self.data(self.flags | 1 << 6);
        data.extend([0; 16]);
        data.extend(length.to_be_bytes());
        data.extend(&self.credential_id);
        data.extend(self.key.cose());
        data
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(self.rp_id).to_vec();
        data.push(flags);
        data.extend(self.sign_count.to_be_bytes());
        data
    }
}

fn client_data(kind: &str, challenge: &[u8]) -> Vec<u8> {
    let data = json!({
        "type": kind,
        "challenge": URL_SAFE_NO_PAD.encode(challenge),
        "origin": EXPECTED.origin,
        "crossOrigin": false,
    });
    data.to_string().into_bytes()
}
