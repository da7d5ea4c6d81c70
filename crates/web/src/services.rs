//! What the pages need of the program.

use std::sync::Arc;

use tenantry_audit::AuditLog;
use tenantry_core::{deployment::Deployment, outbox::DeliveryQueue};
use tenantry_organizations::{Organizations, SignupPolicy};
use tenantry_projects::ProjectsService;
use tenantry_users::UsersService;

use crate::Brand;

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
    pub queue: DeliveryQueue,
    /// The listeners of this program.
    pub listeners: Arc<[&'static str]>,
    /// The deployment mode.
    pub deployment: Deployment,
    /// Whether signing up needs an invitation.
    pub signup: SignupPolicy,
    /// The product's name and colour.
    pub brand: Arc<Brand>,
}
