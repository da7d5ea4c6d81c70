//! The module's services over a test database.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, LazyLock, Mutex},
};

use async_trait::async_trait;
use tenantry_core::{
    access::{ContextRequest, Credential, RequiredContext, Role, SessionCaller},
    db::{DbError, GlobalRows},
    deployment::Deployment,
    id::{MembershipId, OrganizationId, UserId, Uuid},
    link_key::LinkKey,
    page::PageRequest,
    quota::{CountUsage, Quota, QuotaKey, ResourceUsage},
    value::{Name, Slug},
};
use tenantry_module::Module as _;
use tenantry_organizations::{
    BaseUrl, NewOrganization, Organizations, OrganizationsDeps, OrganizationsModule, Policy,
    SignupPolicy, token_revoker,
};
use tenantry_testkit::{Backend, TestDatabase, World};
use tenantry_users::{
    FactorKey, FactorSettings, HashingCapacity, PasswordCost, PasswordHasher, RelyingParty,
    SecurityLog, SessionDigest, SessionLifetime, UsersDeps, UsersService, VerificationPolicy,
};

/// The quota of another module. The tests decide its usage.
const PROJECTS: Quota = Quota {
    key: QuotaKey::new("projects"),
    usage: &Projects,
};

struct Projects;

static PROJECT_USAGE: LazyLock<Mutex<HashMap<OrganizationId, ResourceUsage>>> =
    LazyLock::new(Mutex::default);

#[async_trait]
impl CountUsage for Projects {
    async fn usage(
        &self,
        _: &GlobalRows<'_>,
        organizations: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, ResourceUsage>, DbError> {
        let mut usage = PROJECT_USAGE.lock().expect("not poisoned").clone();
        usage.retain(|organization, _| organizations.contains(organization));
        Ok(usage)
    }
}

pub(crate) struct Fixture {
    pub(crate) world: World,
    pub(crate) users: Arc<dyn UsersService>,
    pub(crate) organizations: Organizations,
}

impl Fixture {
    pub(crate) async fn saas(db: TestDatabase) -> Self {
        let policy = Policy::default();
        Self::of(
            World::new(db).await,
            Deployment::Saas,
            SignupPolicy::Open,
            policy,
        )
    }

    /// Where a person can own this many organizations.
    pub(crate) async fn owning_at_most(db: TestDatabase, most: Option<u32>) -> Self {
        let policy = Policy {
            owned_per_person: most,
            ..Policy::default()
        };
        Self::of(
            World::new(db).await,
            Deployment::Saas,
            SignupPolicy::Open,
            policy,
        )
    }

    pub(crate) async fn dedicated(db: TestDatabase, organization: &str) -> Self {
        let organization = slug(organization);
        let deployment = Deployment::Dedicated { organization };
        let policy = Policy::default();
        Self::of(World::new(db).await, deployment, SignupPolicy::Open, policy)
    }

    /// Where signing up needs an invitation.
    pub(crate) async fn by_invitation(db: TestDatabase) -> Self {
        Self::of(
            World::new(db).await,
            Deployment::Saas,
            SignupPolicy::Invitation,
            Policy::default(),
        )
    }

    fn of(world: World, deployment: Deployment, signup: SignupPolicy, policy: Policy) -> Self {
        let lifetime = SessionLifetime::default();
        let capacity = HashingCapacity::default();
        let runtime = world.runtime().clone();
        let hasher = PasswordHasher::new(PasswordCost::minimal(), capacity, runtime);
        let users = tenantry_users::service(UsersDeps {
            database: world.database.clone(),
            hasher,
            lifetime,
            tokens: Arc::new(token_revoker()),
            access: SecurityLog::new(world.database.clone()),
            link_key: LinkKey::derive(b"a secret for tests"),
            mails_per_hour: 0,
            factors: FactorSettings {
                key: FactorKey::derive(b"a secret for tests"),
                issuer: "Tenantry".to_owned(),
            },
            relying_party: RelyingParty::new(b"a secret for tests"),
            verification: VerificationPolicy::Off,
        });
        let users: Arc<dyn UsersService> = Arc::new(users);
        let public_url = BaseUrl::default();
        public_url.set_once("https://tenantry.example");
        let organizations = Organizations::new(OrganizationsDeps {
            database: world.database.clone(),
            issuer: world.issuer.clone(),
            users: Arc::clone(&users),
            sessions: lifetime,
            link_key: LinkKey::derive(b"a secret for tests"),
            mail_reaches_people: false,
            deployment,
            policy,
            reserved_slugs: Arc::new(BTreeSet::from(["projects".to_owned()])),
            quotas: vec![PROJECTS],
            signup,
            public_url,
        });
        let module = OrganizationsModule {
            services: |services: &Organizations| services,
            deployment: |_| &Deployment::Saas,
        };
        module.subscribe(&organizations, world.events.bus());
        Self {
            world,
            users,
            organizations,
        }
    }

    /// Sets the usage of the other module's quota.
    pub(crate) fn set_projects(&self, organization: OrganizationId, count: u64) {
        let usage = ResourceUsage {
            count,
            last_activity: Some(self.world.runtime().now()),
        };
        let mut all = PROJECT_USAGE.lock().expect("not poisoned");
        all.insert(organization, usage);
    }

    /// An id as an SQL literal. SQLite stores its bytes.
    pub(crate) fn literal(&self, id: Uuid) -> String {
        match self.world.raw.backend() {
            Backend::Sqlite => format!("x'{}'", id.simple()),
            Backend::Postgres => format!("'{id}'"),
        }
    }

    /// The id of a membership.
    pub(crate) async fn member_id(
        &self,
        organization: OrganizationId,
        user: UserId,
    ) -> MembershipId {
        let sql = format!(
            "SELECT id FROM organization_members WHERE organization_id = {} AND user_id = {}",
            self.literal(organization.uuid()),
            self.literal(user.uuid()),
        );
        let rows = self.world.raw.query(&sql).await;
        let id = rows.first().expect("a member")["id"].as_str();
        id.expect("text").parse().expect("an id")
    }

    /// All roles in that organization, by name.
    pub(crate) async fn roles(&self, organization: OrganizationId) -> Vec<(String, Role)> {
        let first = PageRequest::default();
        let members = self
            .organizations
            .members
            .member_report(organization, &first);
        let members = members.await.expect("listed").items.into_iter();
        let mut roles: Vec<_> = members
            .map(|member| (member.user_name.to_string(), member.role))
            .collect();
        roles.sort();
        roles
    }

    /// A session of that user with this key.
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
pub(crate) fn session_request(
    key: &str,
    wanted: RequiredContext,
    header: Option<&str>,
) -> ContextRequest {
    ContextRequest {
        credential: Some(Credential::Session(key.to_owned())),
        header: header.map(slug),
        wanted,
        request: None,
    }
}

/// A request with that token.
pub(crate) fn token_request(
    token: &str,
    wanted: RequiredContext,
    header: Option<&str>,
) -> ContextRequest {
    ContextRequest {
        credential: Some(Credential::Bearer(Some(token.to_owned()))),
        ..session_request("", wanted, header)
    }
}
