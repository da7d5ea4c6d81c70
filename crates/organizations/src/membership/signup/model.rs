//! The policy and the outcome of signing up.

use tenantry_users::NewSession;

/// Whether signing up needs an invitation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignupPolicy {
    /// It needs none.
    #[default]
    Open,
    /// Only invited people may sign up.
    Invitation,
}

/// The outcome of signing up.
#[derive(Clone, Debug)]
pub enum SignedUp {
    /// The account is signed in.
    SignedIn(NewSession),
    /// A link was mailed that confirms the address; for an address that an account has, another mail.
    VerificationSent,
}
