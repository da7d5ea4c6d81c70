//! An organization's usage and limits.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::access::TenantContext;

use super::model::{PROJECTS, SEATS};
use crate::{
    error::OrganizationsError,
    organization::store,
    permissions::ViewBilling,
    service::{Result, Service},
};

/// An organization's plan and usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Billing {
    /// Its plan.
    pub plan: Plan,
    /// Members.
    pub seats: Usage,
    /// Projects.
    pub projects: Usage,
}

/// The kinds of plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// Operators set a limit.
    Limited,
    /// There is no limit.
    Unlimited,
}

/// Usage and limit of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Usage")]
pub struct Usage {
    /// The current count.
    pub used: u64,
    /// The limit; `null` for none.
    pub allowed: Option<u32>,
}

/// The billing view of admins.
///
/// # Errors
/// As [`OrganizationsService`](crate::OrganizationsService).
#[async_trait]
pub trait BillingService: Send + Sync {
    /// Usage and limits of the context's organization.
    async fn billing(&self, ctx: &TenantContext) -> Result<Billing>;
}

#[async_trait]
impl BillingService for Service {
    async fn billing(&self, ctx: &TenantContext) -> Result<Billing> {
        let grant = ctx.require::<ViewBilling>()?;
        let organization = grant.organization();
        let rows = self.db.read_global();
        let found = store::organization(&rows, organization).await?;
        let limits = found.ok_or(OrganizationsError::NotFound)?.limits();
        let usage = self.quotas.usage(&rows, &[organization]).await?;

        let is_limited = limits.seats.is_some() || limits.projects.is_some();
        Ok(Billing {
            plan: if is_limited {
                Plan::Limited
            } else {
                Plan::Unlimited
            },
            seats: Usage {
                used: usage.of(SEATS, organization).count,
                allowed: limits.seats,
            },
            projects: Usage {
                used: usage.of(PROJECTS, organization).count,
                allowed: limits.projects,
            },
        })
    }
}
