//! A resolved context.

use tenantry_core::{
    access::{ContextIssuer, ResolvedContext, TenantContext},
    clock::Timestamp,
};

/// The context of a request, and when its session or token was last recorded as used.
pub(super) struct Resolved {
    pub(super) context: ResolvedContext,
    pub(super) last_used_at: Option<Timestamp>,
}

pub(super) fn with_quota_flag(
    issuer: &ContextIssuer,
    context: TenantContext,
    is_limited: bool,
) -> TenantContext {
    if is_limited {
        context
    } else {
        issuer.unlimited(context)
    }
}
