//! Who plays what, and how everybody comes to his place.

use serde_json::{Value, json};
use tenantry_core::access::Role;
use tenantry_testkit::{ApiClient, TestDatabase};

use super::cast::{Caller, Cast, Credential, Place};
use crate::http::support::{Setup, text};

/// A kind of caller: what he is called, his credential, his organization, and his role.
type Part = (&'static str, Credential, usize, Option<Role>);

/// Where most callers are members, or would like to be.
pub(super) const HOME: usize = 0;
/// Another organization.
pub(super) const AWAY: usize = 1;
/// A disabled one.
const CLOSED: usize = 2;

const PARTS: [Part; 14] = [
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

/// He owns another organization than the one that his token is bound to.
const BEARER_AWAY: &str = "bearer-away";

/// Who made which organization.
const PLACES: [(&str, &str); 3] = [
    ("home", "owner"),
    ("away", "neighbour"),
    ("closed", "suspended"),
];

/// What no call of the table makes, for each organization, so that it would be seen where it does
/// not belong.
const PLANTED: [&str; 4] = [
    "UPDATE organizations SET settings = '{\"custom\": {\"note\": \"' || slug || '\"}}'",
    "INSERT INTO retired_slugs (slug, until)
     SELECT slug || '-before', created_at FROM organizations",
    "INSERT INTO invitations (organization_id, id, email, role, secret_hash, invited_by,
                              created_at, sent_at, expires_at, max_uses, uses)
     SELECT m.organization_id, m.id, u.name || '@' || o.slug || '.example.com', 'viewer',
            'canary-invitation-' || o.slug || u.name, m.user_id,
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

impl Cast {
    pub(super) async fn new(database: TestDatabase) -> Self {
        let setup = Setup::new(database).await;
        let mut callers = Vec::new();
        for part in PARTS {
            callers.push(caller(&setup, part).await);
        }
        let mut places = Vec::new();
        for (name, owner) in PLACES {
            let owner = callers.iter().find(|caller| caller.kind == owner);
            places.push(place(&setup, &word(name), owner.expect("in the cast")).await);
        }
        let mut cast = Self {
            setup,
            places,
            callers,
        };
        cast.set_once().await;
        cast
    }

    /// Gives everybody his place.
    async fn set_once(&mut self) {
        let Self {
            setup,
            places,
            callers,
        } = self;
        let home = &places[HOME];
        for caller in callers.iter_mut() {
            match (caller.kind, caller.role) {
                ("owner" | "neighbour" | "suspended", _) => {}
                ("removed", _) => {
                    setup.join(&home.slug, &caller.word, Role::Owner).await;
                    let path = format!("/api/organizations/{}/switch", home.id);
                    caller.client.raw("POST", &path).send().await.expect(200);
                    caller.selected = true;
                    setup.remove(&home.slug, &caller.word).await;
                }
                ("superuser", _) => {
                    let email = caller.email();
                    let sql =
                        format!("UPDATE users SET is_superuser = true WHERE email = '{email}'");
                    assert_eq!(setup.database.execute(&sql).await, 1);
                }
                ("staff", Some(role)) => {
                    setup.join(&home.slug, &caller.word, role).await;
                    let email = caller.email();
                    let sql = format!("UPDATE users SET is_staff = true WHERE email = '{email}'");
                    assert_eq!(setup.database.execute(&sql).await, 1);
                }
                (_, Some(role)) => {
                    let place = &places[caller.place];
                    setup.join(&place.slug, &caller.word, role).await;
                }
                (_, None) => {}
            }
            if caller.kind == BEARER_AWAY {
                setup.join(&home.slug, &caller.word, Role::Owner).await;
                caller.out_of_reach = Some(HOME);
            }
            if caller.credential == Credential::Bearer {
                let place = &places[caller.place].id;
                let made = make_token(&caller.client, place, &caller.word).await;
                caller.token = Some(text(&made["token"]));
            }
        }
        // Its use was noted long after this test, so no use writes anything.
        let used = "UPDATE api_tokens
                    SET last_four = name, last_used_at = '2100-01-01T00:00:00+00:00'";
        assert!(setup.database.execute(used).await > 0);
        for sql in PLANTED {
            assert!(setup.database.execute(sql).await > 0, "{sql}");
        }
        setup.set_active(&places[CLOSED].slug, false).await;
        let agents = "UPDATE sessions SET user_agent = (
                          SELECT replace(name, 'canary-', 'canary-agent-') FROM users
                          WHERE users.id = user_id)";
        setup.database.execute(agents).await;
    }
}

/// A text that is part of no other one.
fn word(name: &str) -> String {
    format!("canary-{name}-canary")
}

async fn caller(setup: &Setup, (kind, credential, place, role): Part) -> Caller {
    let word = word(kind);
    let client = setup.user(&word).await;
    let me = client.get("/api/auth/me").send().await.expect(200);
    Caller {
        kind,
        credential,
        place,
        role,
        out_of_reach: None,
        token: None,
        selected: false,
        word,
        user: text(&me.json()["id"]),
        session: session_of(&client).await,
        client,
    }
}

async fn place(setup: &Setup, slug: &str, owner: &Caller) -> Place {
    let mut place = Place {
        slug: slug.to_owned(),
        id: setup.organization(&owner.client, slug).await,
        project: String::new(),
        member: String::new(),
        invitation: String::new(),
        owner: owner.client.clone(),
        owner_word: owner.word.clone(),
        owner_id: owner.user.clone(),
    };
    place.project = project(setup, &place).await;
    place.member = membership_of(setup, &place.owner, &place.id).await;
    // It is planted under the same id.
    place.invitation.clone_from(&place.member);
    place
}

/// A new project in that organization.
pub(super) async fn project(setup: &Setup, place: &Place) -> String {
    let slug = &place.slug;
    let id = setup.project(&place.owner, slug, slug).await;
    let path = format!("/api/projects/{id}");
    let described = place.owner.patch(&path, json!({"description": slug}));
    described.organization(slug).send().await.expect(200);
    id
}

/// The id of the client's membership in that organization.
pub(super) async fn membership_of(setup: &Setup, client: &ApiClient, place: &str) -> String {
    let me = client.get("/api/auth/me").send().await.expect(200);
    let user = text(&me.json()["id"]);
    let sql = "SELECT id, organization_id, user_id FROM organization_members";
    let members = setup.database.query(sql).await;
    let is = |row: &&Value| row["organization_id"] == place && row["user_id"] == user.as_str();
    text(&members.iter().find(is).expect("a member")["id"])
}

/// A token of the client's, with its secret.
pub(super) async fn make_token(client: &ApiClient, place: &str, name: &str) -> Value {
    let new = json!({"name": name, "organization_id": place});
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
    text(&current.expect("one of them")["id"])
}
