//! Members who were refused, for whoever remembers it.

use actix_web::{HttpMessage as _, body::BoxBody, dev::ServiceResponse, web};

use super::{Access, Problem, RequestId};
use tenantry_core::access::{DenialLog, PermissionDenial, TenantContext};

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
        request.app_data::<web::Data<dyn DenialLog>>(),
        request.extensions().get::<TenantContext>().cloned(),
    ) else {
        return;
    };
    log.denied(PermissionDenial {
        user: tenant.user(),
        organization: tenant.organization(),
        permission: permission.code,
        request: request.extensions().get().map(|RequestId(id)| *id),
    });
}
