//! What a browser answers: the JSON of Web Authentication (section 5.1), as `PublicKeyCredential.toJSON`
//! writes it.
//!
//! Members that are not read are ignored, also unknown ones: the browser writes this document, and newer
//! browsers add members. All else in a body is strict.

use std::{borrow::Cow, str::FromStr};

use serde_json::{Map, Value};
use tenantry_core::{
    input::{
        InputField, ValidationErrors,
        schema::{JsonSchema, Schema, Schemas, json_schema},
    },
    text_field,
    value::InvalidText,
};

use super::{
    Base64Url,
    ceremony::{assertion::Assertion, registration::Registration},
};

/// The ways to an authenticator that are kept: those of section 5.8.4.
const TRANSPORTS: [&str; 6] = ["ble", "hybrid", "internal", "nfc", "smart-card", "usb"];

/// A credential that an authenticator made.
#[derive(Clone, Debug)]
pub struct CreatedCredential {
    pub(crate) id: Base64Url,
    client_data: Base64Url,
    attestation_object: Base64Url,
    /// How browsers reach the authenticator.
    pub(crate) transports: Vec<&'static str>,
}

/// The proof that an authenticator has a credential.
#[derive(Clone, Debug)]
pub struct SignedCredential {
    pub(crate) id: Base64Url,
    client_data: Base64Url,
    authenticator_data: Base64Url,
    signature: Base64Url,
    /// What the authenticator knows the account by.
    pub(crate) user_handle: Option<Base64Url>,
}

impl CreatedCredential {
    pub(crate) fn client_data(&self) -> &[u8] {
        &self.client_data.0
    }

    pub(super) fn registration(&self) -> Registration<'_> {
        Registration {
            credential_id: &self.id.0,
            client_data: &self.client_data.0,
            attestation_object: &self.attestation_object.0,
        }
    }
}

impl SignedCredential {
    pub(crate) fn client_data(&self) -> &[u8] {
        &self.client_data.0
    }

    pub(super) fn assertion(&self) -> Assertion<'_> {
        Assertion {
            client_data: &self.client_data.0,
            authenticator_data: &self.authenticator_data.0,
            signature: &self.signature.0,
        }
    }
}

impl InputField for CreatedCredential {
    fn parse(value: Value) -> Result<Self, ValidationErrors> {
        let mut credential = Members::of(value)?;
        let id = credential.take("id");
        let _: Option<PublicKeyType> = credential.take("type");
        let mut response = credential.inner("response");
        let client_data = response.take("clientDataJSON");
        let attestation_object = response.take("attestationObject");
        let transports: Option<Option<Vec<String>>> = response.take("transports");
        credential.add(response.errors.at("response"));
        credential.finish(|| {
            let named = transports?.unwrap_or_default();
            let known = TRANSPORTS.into_iter();
            Some(Self {
                id: id?,
                client_data: client_data?,
                attestation_object: attestation_object?,
                transports: known
                    .filter(|known| named.iter().any(|name| name == known))
                    .collect(),
            })
        })
    }
}

impl InputField for SignedCredential {
    fn parse(value: Value) -> Result<Self, ValidationErrors> {
        let mut credential = Members::of(value)?;
        let id = credential.take("id");
        let _: Option<PublicKeyType> = credential.take("type");
        let mut response = credential.inner("response");
        let client_data = response.take("clientDataJSON");
        let authenticator_data = response.take("authenticatorData");
        let signature = response.take("signature");
        let user_handle = response.take("userHandle");
        credential.add(response.errors.at("response"));
        credential.finish(|| {
            Some(Self {
                id: id?,
                client_data: client_data?,
                authenticator_data: authenticator_data?,
                signature: signature?,
                user_handle: user_handle?,
            })
        })
    }
}

/// The only type of credentials.
#[derive(Clone, Copy, Debug)]
struct PublicKeyType;

impl FromStr for PublicKeyType {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if text == "public-key" {
            Ok(Self)
        } else {
            Err(InvalidText("must be public-key"))
        }
    }
}

text_field!(PublicKeyType, { "enum": ["public-key"] });

/// The members of an object that are read.
struct Members {
    object: Map<String, Value>,
    errors: ValidationErrors,
}

impl Members {
    fn of(value: Value) -> Result<Self, ValidationErrors> {
        let object = Map::parse(value)?;
        Ok(Self {
            object,
            errors: ValidationErrors::default(),
        })
    }

    fn take<T: InputField>(&mut self, name: &str) -> Option<T> {
        let read = match self.object.remove(name) {
            Some(value) => T::parse(value),
            None => T::absent(),
        };
        read.map_err(|error| self.add(error.at(name))).ok()
    }

    /// The members of a member; none if it is no object, which is an error.
    fn inner(&mut self, name: &str) -> Self {
        Self {
            object: self.take(name).unwrap_or_default(),
            errors: ValidationErrors::default(),
        }
    }

    fn add(&mut self, errors: ValidationErrors) {
        self.errors.add(errors);
    }

    fn finish<T>(self, read: impl FnOnce() -> Option<T>) -> Result<T, ValidationErrors> {
        match read() {
            Some(read) if self.errors.is_empty() => Ok(read),
            _ => Err(self.errors),
        }
    }
}

/// The schema of a credential whose `response` has these members.
fn schema(schemas: &mut Schemas, response: &Value, required: &[&str]) -> Schema {
    json_schema!({
        "type": "object",
        "properties": {
            "id": schemas.subschema_for::<Base64Url>(),
            "type": schemas.subschema_for::<PublicKeyType>(),
            "response": {
                "type": "object",
                "properties": response,
                "required": required,
            },
        },
        "required": ["id", "type", "response"],
    })
}

impl JsonSchema for CreatedCredential {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "CreatedCredential".into()
    }

    fn json_schema(schemas: &mut Schemas) -> Schema {
        let bytes = schemas.subschema_for::<Base64Url>();
        let response = serde_json::json!({
            "clientDataJSON": bytes,
            "attestationObject": bytes,
            "transports": {"type": ["array", "null"], "items": {"type": "string"}},
        });
        schema(schemas, &response, &["clientDataJSON", "attestationObject"])
    }
}

impl JsonSchema for SignedCredential {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "SignedCredential".into()
    }

    fn json_schema(schemas: &mut Schemas) -> Schema {
        let bytes = schemas.subschema_for::<Base64Url>();
        let handle = schemas.subschema_for::<Option<Base64Url>>();
        let response = serde_json::json!({
            "clientDataJSON": bytes,
            "authenticatorData": bytes,
            "signature": bytes,
            "userHandle": handle,
        });
        let required = ["clientDataJSON", "authenticatorData", "signature"];
        schema(schemas, &response, &required)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn created() -> Value {
        json!({
            "id": "AAEC",
            "rawId": "AAEC",
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {"credProps": {"rk": true}},
            "response": {
                "clientDataJSON": "e30",
                "attestationObject": "oA",
                "transports": ["internal", "hybrid", "smoke-signals"],
                "publicKeyAlgorithm": -7,
                "ofTheFuture": {},
            },
        })
    }

    #[test]
    fn the_answer_of_a_browser_is_read_with_members_of_the_future() {
        let read = CreatedCredential::parse(created()).expect("valid");
        assert_eq!(read.id.0, [0, 1, 2]);
        assert_eq!(read.client_data(), b"{}");
        assert_eq!(read.transports, ["hybrid", "internal"]);
    }

    #[test]
    fn every_wrong_or_missing_member_is_named() {
        let mut wrong = created();
        wrong["type"] = json!("password");
        wrong["id"] = json!("not base64url!");
        wrong["response"]["clientDataJSON"] = json!(7);
        wrong["response"]["transports"] = json!("usb");
        let response = wrong["response"].as_object_mut().expect("an object");
        response.remove("attestationObject");
        let errors = CreatedCredential::parse(wrong).expect_err("refused");
        let (invalid, unknown) = errors.into_parts();
        let mut pointers: Vec<_> = invalid.iter().map(|field| field.pointer.as_str()).collect();
        pointers.sort_unstable();
        let expected = [
            "/id",
            "/response/attestationObject",
            "/response/clientDataJSON",
            "/response/transports",
            "/type",
        ];
        assert_eq!(pointers, expected);
        assert!(unknown.is_empty());
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for wrong in [
            json!(null),
            json!([]),
            json!("x"),
            json!({}),
            json!({"response": 1}),
        ] {
            assert!(CreatedCredential::parse(wrong.clone()).is_err(), "{wrong}");
            assert!(SignedCredential::parse(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_handle_of_the_account_may_be_missing_or_null() {
        let signed = |handle: Value| {
            let response = json!({
                "clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA",
                "userHandle": handle,
            });
            let value = json!({"id": "AA", "type": "public-key", "response": response});
            SignedCredential::parse(value).map(|signed| signed.user_handle)
        };
        assert_eq!(signed(Value::Null), Ok(None));
        assert_eq!(signed(json!("AQ")), Ok(Some(Base64Url(vec![1]))));
        assert!(signed(json!(1)).is_err());
    }
}
