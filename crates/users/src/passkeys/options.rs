//! What a browser is asked for: the JSON of Web Authentication (sections 5.4 and 5.5). Its names are the
//! standard's.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Base64Url, ceremony::Algorithm, challenge::LIFETIME, relying_party::Site, store};
use crate::store::users;

/// The options of a new passkey, for `PublicKeyCredential.parseCreationOptionsFromJSON`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreationOptions {
    /// What the passkey belongs to.
    rp: RelyingPartyEntity,
    /// Whose it is.
    user: UserEntity,
    /// What the authenticator signs.
    challenge: Base64Url,
    /// The accepted algorithms, the preferred one first.
    pub_key_cred_params: Vec<KeyParameters>,
    /// How long the challenge is good, in milliseconds.
    timeout: u32,
    /// The passkeys that the account has: an authenticator with one of them makes no other.
    exclude_credentials: Vec<CredentialDescriptor>,
    /// What is required of the authenticator.
    authenticator_selection: AuthenticatorSelection,
    /// That no proof of the authenticator's model is wanted.
    attestation: &'static str,
}

/// The options of a login, for `PublicKeyCredential.parseRequestOptionsFromJSON`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions {
    /// What the authenticator signs.
    challenge: Base64Url,
    /// How long the challenge is good, in milliseconds.
    timeout: u32,
    /// What the passkey belongs to.
    rp_id: String,
    /// The passkeys of the account, if it is known; empty, the person chooses one.
    allow_credentials: Vec<CredentialDescriptor>,
    /// That the authenticator verifies the person.
    user_verification: &'static str,
}

/// What a passkey belongs to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct RelyingPartyEntity {
    /// The host of the server's pages.
    id: String,
    /// The same, as authenticators show it.
    name: String,
}

/// Whose a passkey is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserEntity {
    /// Bytes that authenticators know the account by. They disclose nothing of it.
    id: Base64Url,
    /// The account's address.
    name: String,
    /// The person's name.
    display_name: String,
}

/// An accepted algorithm.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct KeyParameters {
    /// `public-key`.
    r#type: &'static str,
    /// Its number in the IANA registry of COSE algorithms.
    alg: i64,
}

/// A passkey that an authenticator may have.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct CredentialDescriptor {
    /// `public-key`.
    r#type: &'static str,
    /// The id that the authenticator gave it.
    id: Base64Url,
    /// How to reach the authenticator.
    transports: Vec<String>,
}

/// What is required of an authenticator.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthenticatorSelection {
    /// That it finds the passkey without knowing the account.
    resident_key: &'static str,
    /// The same, for older browsers.
    require_resident_key: bool,
    /// That it verifies the person.
    user_verification: &'static str,
}

const PUBLIC_KEY: &str = "public-key";
const REQUIRED: &str = "required";

fn timeout() -> u32 {
    u32::try_from(LIFETIME.num_milliseconds()).expect("minutes")
}

impl From<&store::Model> for CredentialDescriptor {
    fn from(row: &store::Model) -> Self {
        let transports = row.transports.split_ascii_whitespace();
        Self {
            r#type: PUBLIC_KEY,
            id: row.credential_id.clone(),
            transports: transports.map(str::to_owned).collect(),
        }
    }
}

impl CreationOptions {
    pub(crate) fn new(
        site: Site,
        challenge: Base64Url,
        user: &users::Model,
        handle: Base64Url,
        known: &[store::Model],
    ) -> Self {
        let algorithms = Algorithm::ALL.map(|algorithm| KeyParameters {
            r#type: PUBLIC_KEY,
            alg: algorithm.number(),
        });
        Self {
            rp: RelyingPartyEntity {
                id: site.rp_id.clone(),
                name: site.rp_id,
            },
            user: UserEntity {
                id: handle,
                name: user.email.to_string(),
                display_name: user.name.to_string(),
            },
            challenge,
            pub_key_cred_params: algorithms.into(),
            timeout: timeout(),
            exclude_credentials: known.iter().map(Into::into).collect(),
            authenticator_selection: AuthenticatorSelection {
                resident_key: REQUIRED,
                require_resident_key: true,
                user_verification: REQUIRED,
            },
            attestation: "none",
        }
    }
}

impl RequestOptions {
    pub(crate) fn new(site: Site, challenge: Base64Url, known: &[store::Model]) -> Self {
        Self {
            challenge,
            timeout: timeout(),
            rp_id: site.rp_id,
            allow_credentials: known.iter().map(Into::into).collect(),
            user_verification: REQUIRED,
        }
    }
}
