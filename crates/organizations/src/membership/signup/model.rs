//! The policy of signing up.

/// Whether signing up needs an invitation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignupPolicy {
    /// It needs none.
    #[default]
    Open,
    /// Only invited people may sign up.
    Invitation,
}
