//! Members who were refused, for whoever remembers it.

use actix_web::{HttpMessage as _, body::BoxBody, dev::ServiceResponse, web};

use super::{Access, Problem, RequestId};
use crate::{
    access::TenantContext,
    id::{OrganizationId, UserId, Uuid},
};

/// A member was refused because his role does not allow what he asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PermissionRefused {
    /// The member.
    pub user: UserId,
    /// The organization.
    pub organization: OrganizationId,
    /// The code of the permission.
    pub permission: &'static str,
    /// The request that he made.
    pub request: Option<Uuid>,
}

/// Who remembers refusals; put into the application by the composition root.
///
/// It is told after the answer is decided, and nobody waits for it: whatever becomes of the note,
/// the refusal stands.
pub trait RefusalLog: Send + Sync + 'static {
    /// Takes note of a refusal.
    fn refused(&self, refused: PermissionRefused);
}

/// Tells of a refusal for want of a permission, be it the route's or of a service that looked
/// closer.
pub(super) fn note(access: Access, response: &ServiceResponse<BoxBody>) {
    let Some(permission) = access.permission() else {
        return;
    };
    let answer = response.response().extensions();
    let problem = answer.get::<Problem>();
    if problem.is_none_or(|problem| problem.code() != "permission_denied") {
        return;
    }
    let request = response.request();
    let (Some(log), Some(tenant)) = (
        request.app_data::<web::Data<dyn RefusalLog>>(),
        request.extensions().get::<TenantContext>().cloned(),
    ) else {
        return;
    };
    log.refused(PermissionRefused {
        user: tenant.user(),
        organization: tenant.organization(),
        permission: permission.code,
        request: request.extensions().get().map(|RequestId(id)| *id),
    });
}
