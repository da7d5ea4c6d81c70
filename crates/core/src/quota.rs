//! Quotas: resources of which an organization may have a limited number.
//!
//! A module that owns such a resource registers a [`Quota`] in the composition root, and checks its
//! limit with [`Quotas`] where it creates one.

use std::{collections::HashMap, fmt};

use async_trait::async_trait;

use crate::{
    access::{Grant, TenantContext},
    clock::Timestamp,
    db::{DbError, GlobalRows, UnitOfWork},
    id::OrganizationId,
};

/// The key of a quota, such as `seats`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuotaKey(&'static str);

impl QuotaKey {
    /// The key with this text.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self(text)
    }

    /// The key's text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for QuotaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A quota that a module registers.
#[derive(Clone, Copy)]
pub struct Quota {
    /// Its key.
    pub key: QuotaKey,
    /// Counts the resources that organizations have.
    pub usage: &'static dyn CountUsage,
}

/// How much of a resource an organization has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResourceUsage {
    /// The number of resources.
    pub count: u64,
    /// When one of them was last changed, if the module records that.
    pub last_activity: Option<Timestamp>,
}

/// Counts the resources of a quota.
#[async_trait]
pub trait CountUsage: Send + Sync {
    /// The usage of these organizations, by one query; an organization without resources has no
    /// entry.
    ///
    /// # Errors
    /// When the database refuses.
    async fn usage(
        &self,
        rows: &GlobalRows<'_>,
        organizations: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, ResourceUsage>, DbError>;
}

/// The limits of organizations. Implemented by the organizations module, handed to the others by
/// the composition root.
#[async_trait]
pub trait Quotas: Send + Sync + 'static {
    /// The organization's limit; `None` for no limit.
    ///
    /// With a limit, the organization is locked until the unit of work ends, so that concurrent
    /// creations are counted one by one.
    ///
    /// # Errors
    /// When the database refuses.
    async fn lock_and_get(
        &self,
        work: &mut UnitOfWork,
        organization: OrganizationId,
        key: QuotaKey,
    ) -> Result<Option<u64>, DbError>;
}

impl dyn Quotas {
    /// As [`lock_and_get`](Quotas::lock_and_get), for a member. If the organization had no limit when
    /// the request's context was resolved, it needs no query.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn lock_for<P>(
        &self,
        work: &mut UnitOfWork,
        ctx: &TenantContext,
        grant: &Grant<P>,
        key: QuotaKey,
    ) -> Result<Option<u64>, DbError> {
        if ctx.has_no_quota() {
            return Ok(None);
        }
        // Sets the tenant together with `BEGIN`, in one round trip.
        drop(work.tenant(grant).await?);
        self.lock_and_get(work, grant.organization(), key).await
    }
}
