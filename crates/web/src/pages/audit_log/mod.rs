//! What was done in an organization.

mod entry;
mod list;
mod words;

use tenantry_audit::ViewAuditLog;
use tenantry_http::{Access, Routes};

pub(super) fn routes() -> Routes {
    const VIEW: Access = Access::slug_organization::<ViewAuditLog>();
    Routes::new().page("/o/{slug}/audit-log", VIEW, list::show)
}
