//! How much an organization may have, asked where something is added.

use async_trait::async_trait;

use crate::{db::DbError, db::UnitOfWork, id::OrganizationId};

/// A thing of which an organization may have only so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaKind {
    /// Members.
    Seats,
    /// Projects.
    Projects,
}

/// Says how much an organization may have. Implemented by the organizations module, handed to
/// the others by the composition root.
#[async_trait]
pub trait Quotas: Send + Sync + 'static {
    /// The most of them that the organization may have; nothing for as many as it likes.
    ///
    /// Where there is a limit, the organization is locked until the unit of work ends: whoever
    /// counts then, counts alone. A context that
    /// [`has_no_quota`](crate::access::TenantContext::has_no_quota) saves the question.
    ///
    /// # Errors
    /// When the database refuses.
    async fn lock_and_get(
        &self,
        work: &mut UnitOfWork,
        organization: OrganizationId,
        limited: QuotaKind,
    ) -> Result<Option<u64>, DbError>;
}
