//! Permission denials, for the security log.

use super::Actor;
use crate::id::{OrganizationId, UserId};

/// A member's role lacks the permission of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermissionDenial {
    /// The member.
    pub user: UserId,
    /// The organization.
    pub organization: OrganizationId,
    /// The code of the permission.
    pub permission: &'static str,
    /// The member as an actor, with the request.
    pub actor: Actor,
}

/// The log of denials; registered in the application by the composition root.
///
/// It is called after the response is decided, and its failures do not change the response.
pub trait DenialLog: Send + Sync + 'static {
    /// Records a denial. Must not block.
    fn denied(&self, denial: PermissionDenial);
}
