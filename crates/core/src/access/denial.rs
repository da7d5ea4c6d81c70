//! Permission denials, for the security log.

use crate::id::{OrganizationId, UserId, Uuid};

/// A member's role lacks the permission of the request.
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

/// The log of denials; registered in the application by the composition root.
///
/// It is called after the response is decided, and its failures do not change the response.
pub trait DenialLog: Send + Sync + 'static {
    /// Records a denial. Must not block.
    fn denied(&self, denial: PermissionDenial);
}
