//! Quotas of organizations, checked where something is added.

use async_trait::async_trait;

use crate::{
    db::{DbError, UnitOfWork},
    id::OrganizationId,
};

/// What a quota limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaKind {
    /// Members.
    Seats,
    /// Projects.
    Projects,
}

/// The quotas of organizations. Implemented by the organizations module; the composition root passes
/// it to the others.
#[async_trait]
pub trait Quotas: Send + Sync + 'static {
    /// The organization's quota; `None` for unlimited.
    ///
    /// A quota is locked until the unit of work ends, so that no other transaction counts at the same
    /// time. A context that [`has_no_quota`](crate::access::TenantContext::has_no_quota) needs no call.
    ///
    /// # Errors
    /// When the database fails.
    async fn lock_and_get(
        &self,
        work: &mut UnitOfWork,
        organization: OrganizationId,
        kind: QuotaKind,
    ) -> Result<Option<u64>, DbError>;
}
