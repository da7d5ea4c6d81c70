//! What the pages need of the program.

use std::sync::Arc;

use tenantry_audit::AuditLog;
use tenantry_core::deployment::Deployment;
use tenantry_domain_events::{Deliveries, JobOperations};
use tenantry_module::OperatorTable;
use tenantry_organizations::{Organizations, SignupPolicy};
use tenantry_projects::ProjectsService;
use tenantry_users::{Email, UsersService};

use crate::Brand;

/// The login of a demo account.
#[derive(Clone, Debug)]
pub struct DemoLogin {
    /// The address.
    pub email: Email,
    /// The password that the demo world gives it.
    pub password: &'static str,
}

/// The services that the pages call, and what they show of the deployment.
#[derive(Clone)]
pub struct Services {
    /// Accounts and sessions.
    pub users: Arc<dyn UsersService>,
    /// Organizations, members, invitations and tokens.
    pub organizations: Organizations,
    /// Projects.
    pub projects: Arc<dyn ProjectsService>,
    /// The audit log and the activity of accounts.
    pub audit: Arc<dyn AuditLog>,
    /// The deliveries of events.
    pub deliveries: Deliveries,
    /// The jobs of all organizations.
    pub jobs: JobOperations,
    /// The deployment mode.
    pub deployment: Deployment,
    /// Whether signing up needs an invitation.
    pub signup: SignupPolicy,
    /// An account of the demo world, which the login page shows if it is there.
    pub demo: Option<DemoLogin>,
    /// The tables of modules that operators may look at.
    pub tables: Arc<[Arc<dyn OperatorTable>]>,
    /// The product's name and colour.
    pub brand: Arc<Brand>,
}
