//! Permission denials, for the log of security events.

use crate::id::{OrganizationId, UserId, Uuid};

/// A member was denied: the role does not hold the permission of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PermissionDenial {
    /// The member.
    pub user: UserId,
    /// The organization.
    pub organization: OrganizationId,
    /// The code of the permission.
    pub permission: &'static str,
    /// The request.
    pub request: Option<Uuid>,
}

/// Who remembers refusals; put into the application by the composition root.
///
/// It is told after the answer is decided, and nobody waits for it: whatever becomes of the note,
/// the refusal stands.
pub trait DenialLog: Send + Sync + 'static {
    /// Takes note of a refusal.
    fn refused(&self, refused: PermissionDenial);
}
