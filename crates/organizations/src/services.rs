//! The services of the module.

use std::sync::Arc;

use tenantry_core::{access::ContextResolver, quota::Quotas};

use crate::{
    membership::{
        dedicated::DedicatedMembership,
        invitations::{received::service::ReceivedInvitationsService, service::InvitationsService},
        members::service::MembersService,
        signup::service::SignupService,
    },
    operators::service::OperatorsService,
    organization::{
        deletion::service::DeletionService, directory::DirectoryService,
        quotas::billing::BillingService, service::OrganizationsService,
        settings::service::SettingsService,
    },
    service::{OrganizationsDeps, Service},
    tokens::service::TokensService,
};

/// The services of the module. The composition root hands each user the handle it needs.
#[derive(Clone)]
pub struct Organizations {
    /// Resolves the context of every request.
    pub resolver: Arc<dyn ContextResolver>,
    /// The limits of organizations, for modules that create limited resources.
    pub quotas: Arc<dyn Quotas>,
    /// The caller's organizations.
    pub organizations: Arc<dyn OrganizationsService>,
    /// All organizations, for operators and the server itself.
    pub directory: Arc<dyn DirectoryService>,
    /// The settings of an organization.
    pub settings: Arc<dyn SettingsService>,
    /// The billing view.
    pub billing: Arc<dyn BillingService>,
    /// Deletion of organizations.
    pub deletion: Arc<dyn DeletionService>,
    /// The members of an organization.
    pub members: Arc<dyn MembersService>,
    /// Memberships in a dedicated deployment, for the listeners.
    pub dedicated: Arc<dyn DedicatedMembership>,
    /// Invitations.
    pub invitations: Arc<dyn InvitationsService>,
    /// The invitations that a person received, and their mails.
    pub received: Arc<dyn ReceivedInvitationsService>,
    /// Signing up.
    pub signup: Arc<dyn SignupService>,
    /// API tokens.
    pub tokens: Arc<dyn TokensService>,
    /// What operators do.
    pub operators: Arc<dyn OperatorsService>,
}

impl Organizations {
    /// The services over these dependencies.
    ///
    /// # Panics
    /// If a quota is registered twice, or no column stores its limit.
    #[must_use]
    pub fn new(deps: OrganizationsDeps) -> Self {
        let service = Arc::new(Service::new(deps));
        Self {
            resolver: Arc::clone(&service) as _,
            quotas: Arc::clone(&service) as _,
            organizations: Arc::clone(&service) as _,
            directory: Arc::clone(&service) as _,
            settings: Arc::clone(&service) as _,
            billing: Arc::clone(&service) as _,
            deletion: Arc::clone(&service) as _,
            members: Arc::clone(&service) as _,
            dedicated: Arc::clone(&service) as _,
            invitations: Arc::clone(&service) as _,
            received: Arc::clone(&service) as _,
            signup: Arc::clone(&service) as _,
            tokens: Arc::clone(&service) as _,
            operators: service,
        }
    }
}
