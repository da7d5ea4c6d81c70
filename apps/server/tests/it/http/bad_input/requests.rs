//! A valid request for every route, from which the invalid ones are derived.

use serde_json::{Value, json};
use tenantry_core::access::Role;
use tenantry_http::RouteInfo;
use tenantry_testkit::{Answer, ApiClient, Call, TestDatabase};

use crate::http::support::{
    PASSWORD, RANDOM_ID, Setup, api_routes, assert_problem, filled, items, text,
};

/// An owner with one resource of every kind.
pub(super) struct Fixture {
    pub(super) setup: Setup,
    pub(super) ada: ApiClient,
    root: ApiClient,
    ada_id: String,
    organization: String,
    project: String,
    /// Two other members.
    members: [String; 2],
    /// The secret of an invitation link into another organization.
    secret: String,
}

impl Fixture {
    pub(super) async fn new(db: TestDatabase) -> Self {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let organization = setup.organization(&ada, "alpha").await;
        let project = setup.project(&ada, "alpha", "Rocket").await;
        let me = ada.get("/api/auth/me").send().await.expect(200).json();
        for name in ["mia", "bob"] {
            setup.member("alpha", name, Role::Member).await;
        }
        let path = format!("/api/organizations/{organization}/members");
        let members = items(&ada.get(&path).send().await.expect(200), "id");
        let root = setup.user("root").await;
        let flag = "UPDATE users SET is_superuser = TRUE WHERE email = 'root@example.com'";
        setup.database.execute(flag).await;
        let olga = setup.user("olga").await;
        let beta = setup.organization(&olga, "beta").await;
        let path = format!("/api/organizations/{beta}/invitations");
        let link = olga.post(&path, json!({"role": "member"})).send().await;
        let url = text(&link.expect(201).json()["accept_url"]);
        let (_, secret) = url.split_once("#token=").expect("a secret");
        Self {
            setup,
            ada,
            root,
            ada_id: text(&me["id"]),
            organization,
            project,
            // Newest first.
            members: [members[0].clone(), members[1].clone()],
            secret: secret.to_owned(),
        }
    }

    /// Every route, with the path of an existing resource.
    pub(super) fn routes(&self) -> Vec<(RouteInfo, String)> {
        let path = |route: &RouteInfo| {
            let id = match route.path {
                "/api/auth/sessions/{id}" => RANDOM_ID,
                "/api/admin/organizations/{id}" => &self.organization,
                "/api/admin/users/{id}" => &self.ada_id,
                path if path.contains("{member_id}") => &self.members[0],
                _ => &self.project,
            };
            filled(route, &self.organization, id)
        };
        let routes = api_routes().into_iter();
        routes.map(|route| (route.clone(), path(&route))).collect()
    }

    /// The routes that read a body, with a valid one. Panics on a route without a line here.
    pub(super) fn bodies(&self) -> Vec<(RouteInfo, String, Value)> {
        let mut bodies = Vec::new();
        for (route, path) in self.routes() {
            let body = match (route.method.as_str(), route.path) {
                ("GET" | "DELETE", _)
                | ("POST", "/api/auth/logout")
                | ("POST", "/api/organizations/{organization_id}/switch") => continue,
                ("POST", path) if path.ends_with("/resend") || path.ends_with("/leave") => continue,
                // A merge patch: unknown members are a 422. See `operators::settings`.
                ("PATCH", path) if path.ends_with("/settings") => continue,
                ("PATCH", path) if path.ends_with("/members/{member_id}") => {
                    json!({"role": "viewer"})
                }
                ("POST", path) if path.ends_with("/transfer") => {
                    json!({"member_id": self.members[1]})
                }
                ("POST", "/api/tokens") => {
                    json!({"name": "New", "organization_id": self.organization})
                }
                ("PATCH", "/api/admin/organizations/{id}") => {
                    json!({"is_active": true, "limits": {"seats": 5}})
                }
                ("PATCH", "/api/admin/users/{id}") => json!({"is_active": true}),
                ("POST", "/api/organizations/{organization_id}/invitations") => {
                    json!({"email": "new@example.com", "role": "viewer"})
                }
                ("POST", "/api/invitations/preview" | "/api/invitations/accept") => {
                    json!({"token": self.secret})
                }
                ("POST", "/api/auth/signup") => {
                    json!({"email": "new@example.com", "password": PASSWORD, "name": "New"})
                }
                ("POST", "/api/auth/login") => {
                    json!({"email": "ada@example.com", "password": PASSWORD})
                }
                ("POST", "/api/auth/password") => {
                    json!({"current_password": PASSWORD, "new_password": "another horse"})
                }
                ("PATCH", "/api/auth/me" | "/api/organizations/{organization_id}") => {
                    json!({"name": "New"})
                }
                ("POST", "/api/organizations") => json!({"name": "New", "slug": "new-one"}),
                ("POST", "/api/projects") | ("PATCH", "/api/projects/{id}") => {
                    json!({"name": "New", "description": "text", "status": "active"})
                }
                ("POST", "/api/projects/bulk") => {
                    json!({"ids": [self.project], "status": "active"})
                }
                (method, path) => panic!("{method} {path} has no body here"),
            };
            bodies.push((route, path, body));
        }
        bodies
    }

    pub(super) fn call(&self, route: &RouteInfo, path: &str) -> Call {
        let caller = if route.access.is_for_operators() {
            &self.root
        } else {
            &self.ada
        };
        caller.raw(route.method.as_str(), path)
    }
}

/// Sends a request that must be rejected with this status.
pub(super) async fn rejected(call: Call, status: u16, what: &str) -> Answer {
    let answer = call.send().await;
    assert_eq!(answer.status, status, "{what}: {answer}");
    assert_problem(&answer);
    assert_no_leak(&answer);
    answer
}

/// Asserts that no implementation detail reaches the client.
#[track_caller]
fn assert_no_leak(answer: &Answer) {
    let body = answer.stable_body().to_lowercase();
    let words = [
        "sqlx",
        "sea_orm",
        "serde",
        "select ",
        "insert ",
        "update ",
        "constraint",
        "postgres",
        "sqlite",
        "panicked",
        "src/",
        ".rs",
        "line 1",
        "column ",
    ];
    for word in words {
        assert!(!body.contains(word), "{word} in {answer}");
    }
}
