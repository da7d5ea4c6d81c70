//! An authenticator in software, and the browser around it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::{SecureRandom as _, SystemRandom},
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::http::support::text;

/// The flags: a person is present and verified, and the passkey is copied to other devices.
const SYNCED: u8 = 0b1_1101;

/// One passkey.
pub(super) struct Authenticator {
    pair: EcdsaKeyPair,
    pub(super) credential_id: Vec<u8>,
    /// What the server calls the account.
    user_handle: Option<String>,
    /// The page that the browser shows.
    pub(super) origin: String,
    pub(super) flags: u8,
    pub(super) sign_count: u32,
}

impl Authenticator {
    /// In a browser that shows pages of this origin.
    pub(super) fn new(origin: &str) -> Self {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_ASN1_SIGNING);
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random);
        let mut credential_id = vec![0; 32];
        random.fill(&mut credential_id).expect("random bytes");
        Self {
            pair: pair.expect("a key"),
            credential_id,
            user_handle: None,
            origin: origin.to_owned(),
            flags: SYNCED,
            sign_count: 0,
        }
    }

    /// What `navigator.credentials.create` answers, as JSON.
    pub(super) fn create(&mut self, options: &Value) -> Value {
        self.user_handle = Some(text(&options["user"]["id"]));
        let mut data = self.data(&text(&options["rp"]["id"]), self.flags | 1 << 6);
        data.extend([0; 16]);
        let length = u16::try_from(self.credential_id.len()).expect("short");
        data.extend(length.to_be_bytes());
        data.extend(&self.credential_id);
        // A COSE key: EC2, ES256, P-256, and the two coordinates.
        let point = self.pair.public_key().as_ref();
        data.extend(b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20");
        data.extend(&point[1..33]);
        data.extend(b"\x22\x58\x20");
        data.extend(&point[33..]);
        let length = u16::try_from(data.len()).expect("short").to_be_bytes();
        let head = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59";
        let attestation = [&head[..], &length, &data].concat();
        self.answer(json!({
            "clientDataJSON": encoded(&self.client_data("webauthn.create", options)),
            "attestationObject": encoded(&attestation),
            "transports": ["internal"],
        }))
    }

    /// What `navigator.credentials.get` answers, as JSON.
    pub(super) fn get(&self, options: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", options);
        let data = self.data(&text(&options["rpId"]), self.flags);
        let signed = [&data[..], &Sha256::digest(&client_data)].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &signed);
        self.answer(json!({
            "clientDataJSON": encoded(&client_data),
            "authenticatorData": encoded(&data),
            "signature": encoded(signature.expect("a signature").as_ref()),
            "userHandle": self.user_handle,
        }))
    }

    /// With the members of which the server reads none.
    fn answer(&self, response: Value) -> Value {
        let id = encoded(&self.credential_id);
        json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {"credProps": {"rk": true}},
            "response": response,
        })
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    fn data(&self, rp_id: &str, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(rp_id).to_vec();
        data.push(flags);
        data.extend(self.sign_count.to_be_bytes());
        data
    }
}

pub(super) fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
