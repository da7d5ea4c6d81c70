//! Reports permission denials to the log of denials.

use actix_web::{HttpMessage as _, body::BoxBody, dev::ServiceResponse, web};

use super::{Access, Problem, RequestId};
use tenantry_core::access::{Actor, DenialLog, PermissionDenial, TenantContext};

/// Reports a response that denied a permission, by the route's access or by a service.
pub(super) fn record_denial(access: Access, response: &ServiceResponse<BoxBody>) {
    let Some(permission) = access.permission() else {
        return;
    };
    let extensions = response.response().extensions();
    let problem = extensions.get::<Problem>();
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
        actor: Actor {
            user: Some(tenant.user()),
            request: request.extensions().get().map(|RequestId(id)| *id),
            ..tenant.actor().clone()
        },
    });
}
