//! Registering a new credential (section 7.1).

use super::{
    CeremonyError, Expected,
    authenticator_data::AuthenticatorData,
    cbor::{self, Value},
    client_data::{self, Ceremony},
    cose::PublicKey,
};

/// What the browser answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Registration<'a> {
    pub(crate) credential_id: &'a [u8],
    pub(crate) client_data: &'a [u8],
    pub(crate) attestation_object: &'a [u8],
}

/// A credential to store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Registered {
    /// The public key in the COSE form.
    pub(crate) public_key: Vec<u8>,
    pub(crate) sign_count: u32,
    pub(crate) is_backup_eligible: bool,
    pub(crate) is_backed_up: bool,
}

/// Verifies a registration.
///
/// Attestation is not asked for. A statement that comes nevertheless, as some authenticators sign one
/// with the new key itself, is ignored: it would prove a model of authenticator, and every model is
/// accepted.
pub(crate) fn verify(
    expected: &Expected<'_>,
    registration: &Registration<'_>,
) -> Result<Registered, CeremonyError> {
    client_data::verify(registration.client_data, Ceremony::Create, expected)?;
    let data = attested_data(registration.attestation_object)?;
    let data = AuthenticatorData::parse(data)?;
    data.verify(expected)?;
    let credential = data.credential.as_ref();
    let credential = credential.ok_or(CeremonyError::NoCredential)?;
    PublicKey::of(&credential.key_parameters)?;
    credential.verify_id()?;
    if credential.id != registration.credential_id {
        return Err(CeremonyError::CredentialId);
    }
    Ok(Registered {
        public_key: credential.public_key.to_vec(),
        sign_count: data.sign_count,
        is_backup_eligible: data.is_backup_eligible(),
        is_backed_up: data.is_backed_up(),
    })
}

/// The authenticator data in an attestation object (section 6.5.4).
pub(super) fn attested_data(bytes: &[u8]) -> Result<&[u8], CeremonyError> {
    let Ok(Value::Map(object)) = cbor::whole(bytes) else {
        return Err(CeremonyError::AttestationObject);
    };
    let member = |name| object.get(&Value::Text(name));
    let (Some(Value::Text(format)), Some(Value::Map(statement)), Some(Value::Bytes(data))) =
        (member("fmt"), member("attStmt"), member("authData"))
    else {
        return Err(CeremonyError::AttestationObject);
    };
    if *format == "none" && statement.len() > 0 {
        return Err(CeremonyError::AttestationStatement);
    }
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passkeys::ceremony::authenticator::{
        Authenticator, CHALLENGE, EXPECTED, Key, attestation, entry,
    };

    fn registered(authenticator: &Authenticator) -> Result<Registered, CeremonyError> {
        let made = authenticator.create(CHALLENGE);
        verify(&EXPECTED, &made.registration())
    }

    #[test]
    fn a_passkey_of_each_algorithm_is_registered() {
        for key in [Key::es256(), Key::ed25519()] {
            let cose = key.cose();
            let authenticator = Authenticator {
                sign_count: 7,
                ..Authenticator::with(key)
            };
            let registered = registered(&authenticator).expect("registered");
            assert_eq!(registered.public_key, cose);
            assert_eq!(registered.sign_count, 7);
            assert!(registered.is_backup_eligible && registered.is_backed_up);
        }
    }

    #[test]
    fn another_challenge_is_refused() {
        let made = Authenticator::new().create(b"another");
        let refused = verify(&EXPECTED, &made.registration());
        assert_eq!(refused, Err(CeremonyError::Challenge));
    }

    #[test]
    fn the_data_of_a_login_is_refused() {
        let authenticator = Authenticator::new();
        let mut made = authenticator.create(CHALLENGE);
        made.client_data = authenticator.get(CHALLENGE).client_data;
        let refused = verify(&EXPECTED, &made.registration());
        assert_eq!(refused, Err(CeremonyError::Type));
    }

    #[test]
    fn another_relying_party_is_refused() {
        let authenticator = Authenticator {
            rp_id: "evil.example",
            ..Authenticator::new()
        };
        assert_eq!(registered(&authenticator), Err(CeremonyError::RelyingParty));
    }

    #[test]
    fn a_person_who_was_not_present_or_not_verified_is_refused() {
        let with = |flags| {
            registered(&Authenticator {
                flags,
                ..Authenticator::new()
            })
        };
        assert_eq!(with(0b0100), Err(CeremonyError::UserPresent));
        assert_eq!(with(0b0001), Err(CeremonyError::UserVerified));
        assert!(with(0b0101).is_ok());
    }

    #[test]
    fn a_backup_of_what_can_not_be_backed_up_is_refused() {
        let authenticator = Authenticator {
            flags: 0b1_0101,
            ..Authenticator::new()
        };
        assert_eq!(registered(&authenticator), Err(CeremonyError::BackupState));
    }

    #[test]
    fn the_id_is_that_of_the_credential_and_has_1_to_1023_bytes() {
        let with = |id: Vec<u8>| {
            registered(&Authenticator {
                credential_id: id,
                ..Authenticator::new()
            })
        };
        assert!(with(vec![1; 1023]).is_ok());
        for length in [0, 1024] {
            let refused = with(vec![1; length]);
            assert_eq!(refused, Err(CeremonyError::CredentialIdLength), "{length}");
        }
        let made = Authenticator::new().create(CHALLENGE);
        let mut registration = made.registration();
        registration.credential_id = b"another";
        let refused = verify(&EXPECTED, &registration);
        assert_eq!(refused, Err(CeremonyError::CredentialId));
    }

    #[test]
    fn data_without_a_credential_is_refused() {
        let authenticator = Authenticator::new();
        let mut made = authenticator.create(CHALLENGE);
        let data = authenticator.get(CHALLENGE).authenticator_data;
        made.attestation_object = attestation("none", &[0xa0], &data);
        let refused = verify(&EXPECTED, &made.registration());
        assert_eq!(refused, Err(CeremonyError::NoCredential));
    }

    #[test]
    fn a_statement_is_ignored_unless_there_should_be_none() {
        let authenticator = Authenticator::new();
        let mut made = authenticator.create(CHALLENGE);
        let data = authenticator.data_with_credential();
        let statement = [vec![0xa1], entry(1, vec![0x41, 9])].concat();
        made.attestation_object = attestation("packed", &statement, &data);
        assert!(verify(&EXPECTED, &made.registration()).is_ok());
        made.attestation_object = attestation("none", &statement, &data);
        let refused = verify(&EXPECTED, &made.registration());
        assert_eq!(refused, Err(CeremonyError::AttestationStatement));
    }

    #[test]
    fn every_cut_and_every_byte_more_is_refused() {
        let authenticator = Authenticator::new();
        let made = authenticator.create(CHALLENGE);
        let whole = &made.attestation_object;
        let refused = |object: &[u8]| {
            let mut registration = made.registration();
            registration.attestation_object = object;
            verify(&EXPECTED, &registration)
        };
        for end in 0..whole.len() {
            assert_eq!(
                refused(&whole[..end]),
                Err(CeremonyError::AttestationObject)
            );
        }
        let more = [&whole[..], &[0]].concat();
        assert_eq!(refused(&more), Err(CeremonyError::AttestationObject));

        let data = authenticator.data_with_credential();
        let inner = |data: &[u8]| refused(&attestation("none", &[0xa0], data));
        for end in 0..data.len() {
            assert_eq!(inner(&data[..end]), Err(CeremonyError::AuthenticatorData));
        }
        let more = [&data[..], &[0xa0]].concat();
        assert_eq!(inner(&more), Err(CeremonyError::AuthenticatorData));
    }

    #[test]
    fn extensions_of_the_authenticator_are_ignored() {
        let authenticator = Authenticator::new();
        let mut made = authenticator.create(CHALLENGE);
        let mut data = authenticator.data_with_credential();
        data[32] |= 1 << 7;
        data.extend(b"\xa1\x6bcredProtect\x02");
        made.attestation_object = attestation("none", &[0xa0], &data);
        assert!(verify(&EXPECTED, &made.registration()).is_ok());
        data.push(0);
        made.attestation_object = attestation("none", &[0xa0], &data);
        let refused = verify(&EXPECTED, &made.registration());
        assert_eq!(refused, Err(CeremonyError::AuthenticatorData));
    }
}
