//! The module's service in a world of its own.

use std::sync::Arc;

use tenantry_core::{
    access::{Credential, Question, SessionCaller, Wanted},
    deployment::Deployment,
    id::UserId,
    value::{Name, Slug},
};
use tenantry_organizations::{
    NewOrganization, OrganizationsDeps, OrganizationsService, Policy, PublicUrl, SignupPolicy,
    subscribe,
};
use tenantry_testkit::{TestDatabase, World};
use tenantry_users::{
    HashingCapacity, PasswordCost, PasswordHasher, SessionDigest, SessionLifetime, UsersDeps,
    UsersService,
};

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) users: Arc<dyn UsersService>,
    pub(crate) organizations: Arc<dyn OrganizationsService>,
}

impl Stage {
    pub(crate) async fn saas(db: TestDatabase) -> Self {
        Self::of(db, Deployment::Saas, SignupPolicy::Open).await
    }

    pub(crate) async fn dedicated(db: TestDatabase, organization: &str) -> Self {
        let organization = slug(organization);
        let deployment = Deployment::Dedicated { organization };
        Self::of(db, deployment, SignupPolicy::Open).await
    }

    /// Where only whoever was invited may sign up.
    pub(crate) async fn by_invitation(db: TestDatabase) -> Self {
        Self::of(db, Deployment::Saas, SignupPolicy::Invitation).await
    }

    async fn of(db: TestDatabase, deployment: Deployment, signup: SignupPolicy) -> Self {
        let world = World::new(db).await;
        let lifetime = SessionLifetime::default();
        let capacity = HashingCapacity::default();
        let sources = world.sources().clone();
        let hasher = PasswordHasher::new(PasswordCost::minimal(), capacity, sources);
        let users = tenantry_users::service(UsersDeps {
            database: world.database.clone(),
            hasher,
            lifetime,
        });
        let users: Arc<dyn UsersService> = Arc::new(users);
        let public_url = PublicUrl::default();
        public_url.settle("https://tenantry.example");
        let organizations = tenantry_organizations::service(OrganizationsDeps {
            database: world.database.clone(),
            issuer: world.issuer.clone(),
            users: Arc::clone(&users),
            sessions: lifetime,
            deployment,
            policy: Policy::default(),
            signup,
            public_url,
        });
        let organizations: Arc<dyn OrganizationsService> = Arc::new(organizations);
        subscribe(world.events.bus(), Arc::clone(&organizations));
        Self {
            world,
            users,
            organizations,
        }
    }

    /// A session of that person with this key.
    pub(crate) async fn session(&self, user: UserId, key: &str) -> SessionCaller {
        let hash = SessionDigest::of(key);
        self.world.session(user, hash.as_str()).await
    }
}

pub(crate) fn slug(text: &str) -> Slug {
    text.parse().expect("valid")
}

pub(crate) fn name(text: &str) -> Name {
    text.parse().expect("valid")
}

pub(crate) fn named(text: &str) -> NewOrganization {
    NewOrganization {
        name: name(text),
        slug: None,
    }
}

/// A request with the session of that key.
pub(crate) fn ask(key: &str, wanted: Wanted, header: Option<&str>) -> Question {
    Question {
        credential: Some(Credential::Session(key.to_owned())),
        header: header.map(slug),
        wanted,
        request: None,
    }
}

/// A request with that token.
pub(crate) fn ask_with(token: &str, wanted: Wanted, header: Option<&str>) -> Question {
    Question {
        credential: Some(Credential::Bearer(Some(token.to_owned()))),
        ..ask("", wanted, header)
    }
}
