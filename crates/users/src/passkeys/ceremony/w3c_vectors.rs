//! The test vectors of the standard (section 16).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    CeremonyError, Expected,
    assertion::{self, Assertion, Known},
    authenticator_data::AuthenticatorData,
    cose::PublicKey,
    registration::{self, Registration, attested_data},
};

#[derive(Deserialize)]
struct File {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    registration: BTreeMap<String, String>,
    credential_id: String,
    authentication: BTreeMap<String, String>,
}

/// A vector as bytes.
struct Case {
    name: String,
    credential_id: Vec<u8>,
    challenge: Vec<u8>,
    client_data: Vec<u8>,
    attestation_object: Vec<u8>,
    login: Login,
}

struct Login {
    challenge: Vec<u8>,
    client_data: Vec<u8>,
    authenticator_data: Vec<u8>,
    signature: Vec<u8>,
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = (0..hex.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal"))
        .collect()
}

fn cases() -> Vec<Case> {
    let file: File = serde_json::from_str(include_str!("w3c_vectors.json")).expect("vectors");
    let cases = file.vectors.into_iter().map(|vector| {
        let made = |name: &str| bytes(&vector.registration[name]);
        let used = |name: &str| bytes(&vector.authentication[name]);
        Case {
            credential_id: bytes(&vector.credential_id),
            challenge: made("challenge"),
            client_data: made("client_data"),
            attestation_object: made("attestation_object"),
            login: Login {
                challenge: used("challenge"),
                client_data: used("client_data"),
                authenticator_data: used("authenticator_data"),
                signature: used("signature"),
            },
            name: vector.name,
        }
    });
    cases.collect()
}

const fn expected(challenge: &[u8]) -> Expected<'_> {
    Expected {
        challenge,
        origin: "https://example.org",
        rp_id: "example.org",
    }
}

impl Case {
    fn register(&self) -> Result<registration::Registered, CeremonyError> {
        let made = Registration {
            credential_id: &self.credential_id,
            client_data: &self.client_data,
            attestation_object: &self.attestation_object,
        };
        registration::verify(&expected(&self.challenge), &made)
    }

    fn assertion(&self) -> Assertion<'_> {
        Assertion {
            client_data: &self.login.client_data,
            authenticator_data: &self.login.authenticator_data,
            signature: &self.login.signature,
        }
    }

    fn data(&self) -> AuthenticatorData<'_> {
        let data = attested_data(&self.attestation_object).expect("an attestation object");
        AuthenticatorData::parse(data).expect("authenticator data")
    }
}

/// A registration or a login, and why it is refused.
type Refusals = [(&'static str, Option<CeremonyError>)];

/// Some vectors have no verified person or are in a frame: the standard leaves it to the relying party.
const REGISTRATIONS: &Refusals = &[
    ("none-es256", Some(CeremonyError::UserVerified)),
    ("packed-self-es256", None),
    ("cross-origin", Some(CeremonyError::CrossOrigin)),
    ("top-origin", Some(CeremonyError::CrossOrigin)),
    ("long-credential-id", Some(CeremonyError::UserVerified)),
    ("packed-es384", Some(CeremonyError::UserVerified)),
    ("packed-rs256", None),
    ("packed-eddsa", Some(CeremonyError::UserVerified)),
    ("packed-ed448", Some(CeremonyError::UserVerified)),
    ("tpm-es256", None),
    ("fido-u2f-es256", Some(CeremonyError::UserVerified)),
];

const LOGINS: &Refusals = &[
    ("none-es256", Some(CeremonyError::UserVerified)),
    ("packed-self-es256", Some(CeremonyError::UserVerified)),
    ("cross-origin", Some(CeremonyError::CrossOrigin)),
    ("top-origin", Some(CeremonyError::CrossOrigin)),
    ("long-credential-id", None),
    ("packed-es384", Some(CeremonyError::Algorithm)),
    ("packed-rs256", Some(CeremonyError::UserVerified)),
    ("packed-eddsa", Some(CeremonyError::UserVerified)),
    ("packed-ed448", Some(CeremonyError::Algorithm)),
    ("fido-u2f-es256", Some(CeremonyError::UserVerified)),
];

#[test]
fn each_registration_passes_or_breaks_a_rule_that_the_standard_leaves_open() {
    for case in cases() {
        let row = REGISTRATIONS.iter().find(|(name, _)| *name == case.name);
        let (_, refusal) = row.unwrap_or_else(|| panic!("{} has no row", case.name));
        assert_eq!(case.register().err(), *refusal, "{}", case.name);
    }
}

#[test]
fn each_login_passes_or_breaks_a_rule_that_the_standard_leaves_open() {
    for case in cases() {
        let Some((_, refusal)) = LOGINS.iter().find(|(name, _)| *name == case.name) else {
            continue;
        };
        let data = case.data();
        let known = Known {
            public_key: data.credential.as_ref().expect("a credential").public_key,
            sign_count: 0,
            is_backup_eligible: data.is_backup_eligible(),
        };
        let asserted =
            assertion::verify(&expected(&case.login.challenge), &known, &case.assertion());
        assert_eq!(asserted.err(), *refusal, "{}", case.name);
    }
}

/// The keys and the signatures of all vectors, whatever else a relying party requires.
#[test]
fn each_key_verifies_its_signature_or_has_an_algorithm_that_is_not_offered() {
    for case in cases() {
        let data = case.data();
        let credential = data.credential.as_ref().expect("a credential");
        assert_eq!(credential.id, case.credential_id, "{}", case.name);
        let verified = assertion::verify_signature(credential.public_key, &case.assertion());
        let is_offered = !["packed-es384", "packed-ed448"].contains(&case.name.as_str());
        if is_offered {
            assert_eq!(verified, Ok(()), "{}", case.name);
            let mut other = case.assertion();
            other.client_data = &case.client_data;
            let refused = assertion::verify_signature(credential.public_key, &other);
            assert_eq!(refused, Err(CeremonyError::Signature), "{}", case.name);
        } else {
            assert!(verified.is_err(), "{}", case.name);
            assert!(PublicKey::parse(credential.public_key).is_err());
        }
    }
}
