//! The implementation behind every service of the module.

use std::{collections::BTreeSet, sync::Arc};

use tenantry_core::{
    access::{Actor, ContextIssuer, Grant, Permission, PermissionDenied, Role},
    db::Database,
    deployment::Deployment,
    id::{OrganizationId, UserId, Uuid},
    link_key::LinkKey,
    quota::Quota,
    value::Slug,
};
use tenantry_users::{SessionLifetime, UsersService};

use crate::{
    context::loaders::Loaders,
    error::OrganizationsError,
    membership::{
        invitations::link::BaseUrl, members::usage::SEATS_QUOTA, signup::model::SignupPolicy,
    },
    organization::quotas::registry::QuotaRegistry,
    policy::Policy,
};

pub(crate) type Result<T> = std::result::Result<T, OrganizationsError>;

/// The module's dependencies.
#[derive(Clone)]
pub struct OrganizationsDeps {
    /// The database.
    pub database: Database,
    /// Issues contexts.
    pub issuer: ContextIssuer,
    /// The users module.
    pub users: Arc<dyn UsersService>,
    /// The lifetime of sessions.
    pub sessions: SessionLifetime,
    /// For many organizations or for one.
    pub deployment: Deployment,
    /// Whether signing up needs an invitation.
    pub signup: SignupPolicy,
    /// The base URL of invitation links.
    pub public_url: BaseUrl,
    /// Makes the secrets of invitations that are mailed.
    pub link_key: LinkKey,
    /// Whether mails reach people, which an inviter is shown.
    pub mail_reaches_people: bool,
    /// The policy for all organizations.
    pub policy: Policy,
    /// Slugs that no new organization gets: the segments of routes.
    pub reserved_slugs: Arc<BTreeSet<String>>,
    /// The quotas of other modules.
    pub quotas: Vec<Quota>,
}

/// Implements every service of the module.
pub(crate) struct Service {
    pub(crate) db: Database,
    pub(crate) deps: OrganizationsDeps,
    pub(crate) loaders: Loaders,
    pub(crate) quotas: QuotaRegistry,
}

impl Service {
    pub(crate) fn new(deps: OrganizationsDeps) -> Self {
        Self {
            db: deps.database.clone(),
            quotas: QuotaRegistry::new(deps.quotas.iter().copied().chain([SEATS_QUOTA])),
            loaders: Loaders::new(&deps.database, deps.sessions),
            deps,
        }
    }

    /// A grant of the system, which acts as an owner without a membership.
    pub(crate) fn system_grant<P: Permission>(
        &self,
        organization: OrganizationId,
        actor: &Actor,
    ) -> std::result::Result<Grant<P>, PermissionDenied> {
        let no_user = UserId::from(Uuid::nil());
        let user = actor.user.unwrap_or(no_user);
        let issuer = &self.deps.issuer;
        issuer
            .tenant(organization, user, Role::Owner, actor.clone())
            .require()
    }

    /// The slug of a dedicated deployment's organization.
    pub(crate) fn dedicated_slug(&self) -> Option<&Slug> {
        match &self.deps.deployment {
            Deployment::Saas => None,
            Deployment::Dedicated { organization } => Some(organization),
        }
    }
}
