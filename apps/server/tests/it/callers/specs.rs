//! The kinds of callers, and how they become members.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};
use tenantry_core::access::Role;
use tenantry_http::{RouteInfo, SampleValues};
use tenantry_testkit::{ApiClient, TestDatabase};

use super::fixture::{Caller, Credential, Fixture, Organization};
use crate::http::support::{PASSWORD, Setup, collections, text};

/// A kind of caller: name, credential, organization and role.
type CallerSpec = (&'static str, Credential, usize, Option<Role>);

/// The organization that most callers are members of, or try to access.
pub(super) const HOME: usize = 0;
/// Another organization.
pub(super) const AWAY: usize = 1;
/// A disabled organization.
const CLOSED: usize = 2;

const CALLERS: [CallerSpec; 14] = [
    ("anonymous", Credential::Nothing, HOME, None),
    ("stranger", Credential::Session, HOME, None),
    ("viewer", Credential::Session, HOME, Some(Role::Viewer)),
    ("member", Credential::Session, HOME, Some(Role::Member)),
    ("admin", Credential::Session, HOME, Some(Role::Admin)),
    ("owner", Credential::Session, HOME, Some(Role::Owner)),
    ("neighbour", Credential::Session, AWAY, Some(Role::Owner)),
    ("removed", Credential::Session, HOME, None),
    ("suspended", Credential::Session, CLOSED, None),
    ("bearer", Credential::Bearer, HOME, Some(Role::Member)),
    (BEARER_AWAY, Credential::Bearer, AWAY, Some(Role::Viewer)),
    (
        "both",
        Credential::SessionAndBearer,
        HOME,
        Some(Role::Owner),
    ),
    ("staff", Credential::Session, HOME, Some(Role::Viewer)),
    ("superuser", Credential::Session, HOME, None),
];

/// Its user owns an organization other than the one that the token is bound to.
const BEARER_AWAY: &str = "bearer-away";

/// Each organization and its owner.
const ORGANIZATIONS: [(&str, &str); 3] = [
    ("home", "owner"),
    ("away", "neighbour"),
    ("closed", "suspended"),
];

/// Rows that no call of the table creates, for each organization, so that a leak of them would be
/// detected.
const SEED_SQL: [&str; 9] = [
    "INSERT INTO account_links (id, purpose, subject, email, user_id, generation, secret_hash,
                                expires_at, counted_from, counted)
     SELECT s.id, 'email_change', 'canary-subject-' || s.key_hash, u.email, u.id, 1, 'canary-link-' || u.name,
            s.expires_at, s.created_at, 1
     FROM sessions s JOIN users u ON u.id = s.user_id",
    // Their ids are those of sessions: an account's own id is shown to others.
    "INSERT INTO totp_factors (id, user_id, sealed_secret, last_step, created_at)
     SELECT s.id, u.id, 'canary-sealed-' || u.name, 0, u.created_at
     FROM users u JOIN sessions s ON s.id = (SELECT of_user.id FROM sessions of_user
         WHERE of_user.user_id = u.id ORDER BY of_user.key_hash LIMIT 1)",
    "INSERT INTO recovery_codes (id, user_id, code_hash, created_at)
     SELECT s.id, u.id, 'canary-code-' || u.name, u.created_at
     FROM users u JOIN sessions s ON s.id = (SELECT of_user.id FROM sessions of_user
         WHERE of_user.user_id = u.id ORDER BY of_user.key_hash LIMIT 1)",
    "INSERT INTO pending_logins (id, key_hash, user_id, credential_epoch, attempts, created_at,
                                 expires_at)
     SELECT s.id, 'canary-login-' || u.name, u.id, 1, 0, u.created_at, u.created_at
     FROM users u JOIN sessions s ON s.id = (SELECT of_user.id FROM sessions of_user
         WHERE of_user.user_id = u.id ORDER BY of_user.key_hash LIMIT 1)",
    // Four times the same text is base64url without padding.
    "INSERT INTO passkeys (id, user_id, credential_id, public_key, user_handle, name, sign_count,
                           is_backup_eligible, is_backed_up, transports, created_at)
     SELECT s.id, u.id, u.name || u.name || u.name || u.name,
            'key-' || u.name || 'key-' || u.name || 'key-' || u.name || 'key-' || u.name,
            u.name || u.name || u.name || u.name, u.name, 0, true, true, u.name, u.created_at
     FROM users u JOIN sessions s ON s.id = (SELECT of_user.id FROM sessions of_user
         WHERE of_user.user_id = u.id ORDER BY of_user.key_hash LIMIT 1)",
    "UPDATE organizations SET settings = '{\"custom\": {\"note\": \"' || slug || '\"}}'",
    "INSERT INTO retired_slugs (slug, until)
     SELECT slug || '-before', created_at FROM organizations",
    "INSERT INTO invitations (organization_id, id, email, role, secret_hash, mail_hash, invited_by,
                              created_at, sent_at, expires_at, max_uses, uses)
     SELECT m.organization_id, m.id, u.name || '@' || o.slug || '.example.com', 'viewer',
            'canary-invitation-' || o.slug || u.name, 'canary-mail-' || o.slug || u.name, m.user_id,
            m.joined_at, m.joined_at, m.joined_at, 1, 0
     FROM organization_members m JOIN organizations o ON o.id = m.organization_id
     JOIN users u ON u.id = m.user_id
     WHERE m.role = 'owner'",
    "INSERT INTO api_tokens (organization_id, id, membership_id, user_id, credential_epoch, name,
                             secret_hash, last_four, created_at)
     SELECT m.organization_id, m.id, m.id, m.user_id, 1, o.slug,
            'canary-token-' || o.slug || u.name, o.slug, m.joined_at
     FROM organization_members m JOIN organizations o ON o.id = m.organization_id
     JOIN users u ON u.id = m.user_id
     WHERE m.role = 'owner'",
];

impl Fixture {
    pub(super) async fn new(database: TestDatabase) -> Self {
        let setup = Setup::new(database).await;
        let mut callers = Vec::new();
        for spec in CALLERS {
            callers.push(caller(&setup, spec).await);
        }
        let mut organizations = Vec::new();
        for (name, owner) in ORGANIZATIONS {
            let owner = callers.iter().find(|caller| caller.kind == owner);
            organizations
                .push(organization(&setup, &marker(name), owner.expect("a known caller")).await);
        }
        let mut fixture = Self {
            setup,
            organizations,
            callers,
        };
        fixture.add_members().await;
        fixture
    }

    /// Adds memberships, flags and tokens.
    async fn add_members(&mut self) {
        let Self {
            setup,
            organizations,
            callers,
        } = self;
        let home = &organizations[HOME];
        for caller in callers.iter_mut() {
            match (caller.kind, caller.role) {
                ("owner" | "neighbour" | "suspended", _) => {}
                ("removed", _) => {
                    setup.join(&home.slug, &caller.marker, Role::Owner).await;
                    let path = format!("/api/organizations/{}/switch", home.id);
                    caller.client.raw("POST", &path).send().await.expect(200);
                    caller.selected = true;
                    setup.remove(&home.slug, &caller.marker).await;
                }
                ("superuser", _) => {
                    let email = caller.email();
                    let sql =
                        format!("UPDATE users SET is_superuser = true WHERE email = '{email}'");
                    assert_eq!(setup.database.execute(&sql).await, 1);
                }
                ("staff", Some(role)) => {
                    setup.join(&home.slug, &caller.marker, role).await;
                    let email = caller.email();
                    let sql = format!("UPDATE users SET is_staff = true WHERE email = '{email}'");
                    assert_eq!(setup.database.execute(&sql).await, 1);
                }
                (_, Some(role)) => {
                    let organization = &organizations[caller.organization];
                    setup.join(&organization.slug, &caller.marker, role).await;
                }
                (_, None) => {}
            }
            if caller.kind == BEARER_AWAY {
                setup.join(&home.slug, &caller.marker, Role::Owner).await;
                caller.unreachable_organization = Some(HOME);
            }
            if caller.credential == Credential::Bearer {
                let organization = &organizations[caller.organization].id;
                let made = make_token(&caller.client, organization, &caller.marker).await;
                caller.token = Some(text(&made["token"]));
            }
        }
        // Last used in the future, so that using a token writes nothing.
        let used = "UPDATE api_tokens
                    SET last_four = name, last_used_at = '2100-01-01T00:00:00+00:00'";
        assert!(setup.database.execute(used).await > 0);
        for sql in SEED_SQL {
            assert!(setup.database.execute(sql).await > 0, "{sql}");
        }
        // Who sees the invitations to the own address.
        setup
            .database
            .execute("UPDATE users SET email_verified = true")
            .await;
        setup.set_active(&organizations[CLOSED].slug, false).await;
        let agents = "UPDATE sessions SET user_agent = (
                          SELECT replace(name, 'canary-', 'canary-agent-') FROM users
                          WHERE users.id = user_id)";
        setup.database.execute(agents).await;
        let programs = "UPDATE event_log SET client_program = (
                            SELECT replace(name, 'canary-', 'canary-agent-') FROM users
                            WHERE users.id = actor_id)
                        WHERE client_address IS NOT NULL";
        setup.database.execute(programs).await;
    }
}

/// A text that is not part of another one.
fn marker(name: &str) -> String {
    format!("canary-{name}-canary")
}

async fn caller(setup: &Setup, (kind, credential, organization, role): CallerSpec) -> Caller {
    let marker = marker(kind);
    let client = setup.user(&marker).await;
    let me = client.get("/api/auth/me").send().await.expect(200);
    Caller {
        kind,
        credential,
        organization,
        role,
        unreachable_organization: None,
        token: None,
        selected: false,
        marker,
        user: text(&me.json()["id"]),
        session: session_of(&client).await,
        client,
    }
}

async fn organization(setup: &Setup, slug: &str, owner: &Caller) -> Organization {
    let mut organization = Organization {
        slug: slug.to_owned(),
        id: setup.organization(&owner.client, slug).await,
        resources: BTreeMap::new(),
        member: String::new(),
        invitation: String::new(),
        owner: owner.client.clone(),
        owner_marker: owner.marker.clone(),
        owner_id: owner.user.clone(),
    };
    for RouteInfo { path, .. } in collections() {
        let id = resource(&organization, path).await;
        organization.resources.insert(path, id);
    }
    organization.member = membership_of(setup, &organization.owner, &organization.id).await;
    // It was seeded with the same id.
    organization.invitation.clone_from(&organization.member);
    organization
}

/// A new resource of the collection in that organization, made of the sample of its route.
pub(super) async fn resource(organization: &Organization, collection: &str) -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(1_000_000);
    let route = collections().iter().find(|route| route.path == collection);
    let sample = route.and_then(|route| route.sample.body);
    let sample = sample.unwrap_or_else(|| {
        panic!("the route that creates a resource of {collection} has no sample: add `.sample(…)`")
    });
    let body = sample(&SampleValues {
        text: organization.slug.clone(),
        email: format!("{}@example.com", organization.owner_marker),
        password: PASSWORD.to_owned(),
        code: "123456".to_owned(),
        number: NUMBER.fetch_add(1, Ordering::Relaxed),
        ids: Vec::new(),
    });
    let created = organization.owner.post(collection, body);
    let created = created.organization(&organization.slug).send().await;
    text(&created.expect(201).json()["id"])
}

/// The id of the client's membership in that organization.
pub(super) async fn membership_of(setup: &Setup, client: &ApiClient, organization: &str) -> String {
    let me = client.get("/api/auth/me").send().await.expect(200);
    let user = text(&me.json()["id"]);
    let sql = "SELECT id, organization_id, user_id FROM organization_members";
    let members = setup.database.query(sql).await;
    let is =
        |row: &&Value| row["organization_id"] == organization && row["user_id"] == user.as_str();
    text(&members.iter().find(is).expect("a member")["id"])
}

/// A new token of the client, with its secret.
pub(super) async fn make_token(client: &ApiClient, organization: &str, name: &str) -> Value {
    let new = json!({"name": name, "organization_id": organization});
    let made = client.post("/api/tokens", new).send().await;
    made.expect(201).json()
}

/// The id of the session that the client is signed in with.
pub(super) async fn session_of(client: &ApiClient) -> String {
    let answer = client
        .get("/api/auth/sessions?limit=100")
        .send()
        .await
        .expect(200);
    let body = answer.json();
    let sessions = body["items"].as_array().expect("a list");
    let current = sessions.iter().find(|session| session["current"] == true);
    text(&current.expect("one of the sessions")["id"])
}
