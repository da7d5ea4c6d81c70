//! A victim, and attackers with what makes their requests expensive.

use serde_json::json;
use tenantry_testkit::{ApiClient, Backend, TestDatabase};

use super::configured;
use crate::support::{Program, ServerProcess};

const PASSWORD: &str = "correct horse battery";

/// The organizations of the attacker.
pub(super) const ORGANIZATIONS: usize = 6;

/// Projects of each of them.
const PROJECTS: usize = 20;

/// A person with a session.
#[derive(Clone)]
pub(super) struct Account {
    pub(super) id: String,
    cookies: String,
}

impl Account {
    async fn sign_up(url: &str, name: &str) -> (Self, ApiClient) {
        let client = ApiClient::new(url);
        let email = format!("{name}@example.com");
        let account = json!({"email": email, "name": name, "password": PASSWORD});
        let made = client.post("/api/auth/signup", account).send().await;
        made.expect(201);
        let me = client.get("/api/auth/me").send().await.expect(200).json();
        let account = Self {
            id: me["id"].as_str().expect("an id").to_owned(),
            cookies: client.cookies().expect("a session"),
        };
        (account, client)
    }

    /// A request of the person; `headers` are complete lines.
    pub(super) fn request(&self, method: &str, path: &str, headers: &str, json: &str) -> Vec<u8> {
        let cookies = &self.cookies;
        request(
            method,
            path,
            &format!("Cookie: {cookies}\r\n{headers}"),
            json,
        )
    }
}

/// A request; `headers` are complete lines.
pub(super) fn request(method: &str, path: &str, headers: &str, json: &str) -> Vec<u8> {
    let length = json.len();
    let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}");
    let body = match length {
        0 => "\r\n".to_owned(),
        _ => format!("Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{json}"),
    };
    (head + &body).into_bytes()
}

pub(super) struct World {
    pub(super) database: TestDatabase,
    pub(super) victim: Account,
    /// Owns the organizations `attack-0`, …, and `bulk`.
    pub(super) attacker: Account,
    pub(super) operator: Account,
    /// A member of many organizations.
    pub(super) member: Account,
    /// The first organization of the attacker, and one of its projects.
    pub(super) organization: String,
    pub(super) project: String,
    /// The projects of `bulk`.
    pub(super) bulk: Vec<String>,
}

impl World {
    pub(super) async fn new(database: TestDatabase) -> Self {
        let program = Program::on(&database).with("TENANTRY__SERVER__PORT", "0");
        let server = ServerProcess::start(&program, "saas");
        let url = server.url();
        let (victim, client) = Account::sign_up(url, "victim").await;
        organization(&client, "victim").await;
        let (operator, _) = Account::sign_up(url, "operator").await;
        let (member, _) = Account::sign_up(url, "member").await;
        let (attacker, client) = Account::sign_up(url, "attacker").await;
        let (mut first, mut project) = (String::new(), String::new());
        for n in 0..ORGANIZATIONS {
            let slug = format!("attack-{n}");
            let id = organization(&client, &slug).await;
            let projects = projects(&client, &slug).await;
            if n == 0 {
                (first, project) = (id, projects[0].clone());
            }
        }
        organization(&client, "bulk").await;
        let bulk = projects(&client, "bulk").await;
        drop(server);
        for sql in [
            "UPDATE users SET is_superuser = TRUE WHERE email = 'operator@example.com'",
            &long_descriptions(),
            &many_entries(database.backend()),
            &many_organizations(database.backend()),
        ] {
            database.execute(sql).await;
        }
        Self {
            database,
            victim,
            attacker,
            operator,
            member,
            organization: first,
            project,
            bulk,
        }
    }
}

async fn organization(client: &ApiClient, slug: &str) -> String {
    let new = json!({"name": slug, "slug": slug});
    let made = client.post("/api/organizations", new).send().await;
    let id = made.expect(201).json()["id"].as_str().map(str::to_owned);
    id.expect("an id")
}

async fn projects(client: &ApiClient, slug: &str) -> Vec<String> {
    let mut ids = Vec::new();
    for n in 0..PROJECTS {
        let new = client.post("/api/projects", json!({"name": format!("Project {n}")}));
        let made = new.organization(slug).send().await.expect(201);
        ids.push(made.json()["id"].as_str().expect("an id").to_owned());
    }
    ids
}

/// The longest description, of characters that take six bytes in JSON.
fn long_descriptions() -> String {
    let description = "\u{1}".repeat(10_000);
    format!(
        "UPDATE projects SET description = '{description}' WHERE organization_id IN
         (SELECT id FROM organizations WHERE slug LIKE 'attack-%')"
    )
}

fn new_id(backend: Backend) -> &'static str {
    match backend {
        Backend::Sqlite => "randomblob(16)",
        Backend::Postgres => "gen_random_uuid()",
    }
}

/// An audit log of many entries.
fn many_entries(backend: Backend) -> String {
    let (new_id, entries) = (new_id(backend), configured().map_or(20_000, |_| 1_000_000));
    format!(
        "INSERT INTO event_log (stream_id, number, id, organization_id, name, version, kind,
                                actor_id, request_id, occurred_at, payload)
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {entries})
         SELECT e.stream_id, s.last_number + n.n, {new_id}, e.organization_id, e.name, e.version,
                e.kind, e.actor_id, e.request_id, e.occurred_at, e.payload
         FROM n CROSS JOIN organizations o
         JOIN event_log e ON e.stream_id = o.id AND e.number = 1
         JOIN event_streams s ON s.stream_id = o.id
         WHERE o.slug = 'attack-0';
         UPDATE event_streams SET last_number = last_number + {entries}
         WHERE stream_id = (SELECT id FROM organizations WHERE slug = 'attack-0')"
    )
}

/// A person in many organizations.
fn many_organizations(backend: Backend) -> String {
    let (new_id, organizations) = (new_id(backend), configured().map_or(500, |_| 10_000));
    format!(
        "INSERT INTO organizations (id, name, name_key, search_key, sort_key, slug, is_active,
                                    settings, departures, created_at, updated_at)
         WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {organizations})
         SELECT {new_id}, o.name, o.name_key, o.search_key, o.sort_key, 'many-' || n.n, TRUE,
                o.settings, 0, o.created_at, o.updated_at
         FROM n CROSS JOIN organizations o WHERE o.slug = 'victim';
         INSERT INTO organization_members (organization_id, id, user_id, role, joined_at)
         SELECT o.id, {new_id}, u.id, 'viewer', o.created_at
         FROM organizations o CROSS JOIN users u
         WHERE o.slug LIKE 'many-%' AND u.email = 'member@example.com'"
    )
}
