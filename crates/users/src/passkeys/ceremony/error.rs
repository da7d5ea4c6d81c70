//! Why a ceremony is refused.

/// The rule that a browser's or an authenticator's answer breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CeremonyError {
    #[error("the client data is malformed")]
    ClientData,
    #[error("the client data is of another ceremony")]
    Type,
    #[error("the challenge is another one")]
    Challenge,
    #[error("the passkey was used on a page of another origin")]
    Origin,
    #[error("the passkey was used in a frame of another site")]
    CrossOrigin,
    #[error("the attestation object is malformed")]
    AttestationObject,
    #[error("the attestation says that it is none, and has a statement")]
    AttestationStatement,
    #[error("the authenticator data is malformed")]
    AuthenticatorData,
    #[error("the authenticator answered for another relying party")]
    RelyingParty,
    #[error("the authenticator did not check that a person is present")]
    UserPresent,
    #[error("the authenticator did not verify the person")]
    UserVerified,
    #[error("the authenticator names a backup of what can't be backed up")]
    BackupState,
    #[error("the passkey can be backed up and could not before, or the other way round")]
    BackupEligibility,
    #[error("the authenticator made no credential")]
    NoCredential,
    #[error("the id of the credential is empty or too long")]
    CredentialIdLength,
    #[error("the answer names another credential")]
    CredentialId,
    #[error("the public key is malformed")]
    PublicKey,
    #[error("the algorithm of the public key was not offered")]
    Algorithm,
    #[error("the signature is wrong")]
    Signature,
}
