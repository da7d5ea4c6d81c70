//! A good request for every route, from which the bad ones are made.

use serde_json::{Value, json};
use tenantry_core::http::RouteInfo;
use tenantry_testkit::{Answer, ApiClient, Call, TestDatabase};

use crate::http::support::{PASSWORD, RANDOM_ID, Stage, api_routes, assert_problem, filled, text};

/// An owner with something of everything.
pub(super) struct Scene {
    pub(super) stage: Stage,
    pub(super) ada: ApiClient,
    organization: String,
    project: String,
    /// Of a link into another organization.
    secret: String,
}

impl Scene {
    pub(super) async fn new(db: TestDatabase) -> Self {
        let stage = Stage::new(db).await;
        let ada = stage.person("ada").await;
        let organization = stage.organization(&ada, "alpha").await;
        let project = stage.project(&ada, "alpha", "Rocket").await;
        let olga = stage.person("olga").await;
        let beta = stage.organization(&olga, "beta").await;
        let path = format!("/api/organizations/{beta}/invitations");
        let link = olga.post(&path, json!({"role": "member"})).send().await;
        let url = text(&link.expect(201).json()["accept_url"]);
        let (_, secret) = url.split_once("#token=").expect("a secret");
        Self {
            stage,
            ada,
            organization,
            project,
            secret: secret.to_owned(),
        }
    }

    /// Every route, with the path of something that is there.
    pub(super) fn routes(&self) -> Vec<(RouteInfo, String)> {
        let path = |route: &RouteInfo| {
            let id = match route.path {
                "/api/auth/sessions/{id}" => RANDOM_ID,
                _ => &self.project,
            };
            filled(route, &self.organization, id)
        };
        let routes = api_routes().into_iter();
        routes.map(|route| (route.clone(), path(&route))).collect()
    }

    /// The routes that read a body, with a good one. A new route is missing here until it has a
    /// line of its own.
    pub(super) fn bodies(&self) -> Vec<(RouteInfo, String, Value)> {
        let mut bodies = Vec::new();
        for (route, path) in self.routes() {
            let body = match (route.method.as_str(), route.path) {
                ("GET" | "DELETE", _)
                | ("POST", "/api/auth/logout")
                | ("POST", "/api/organizations/{organization_id}/switch") => continue,
                ("POST", path) if path.ends_with("/resend") => continue,
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
                (method, path) => panic!("{method} {path} has no body in this table"),
            };
            bodies.push((route, path, body));
        }
        bodies
    }

    pub(super) fn call(&self, route: &RouteInfo, path: &str) -> Call {
        self.ada.raw(route.method.as_str(), path)
    }
}

/// Sends a request that must be refused with this status.
pub(super) async fn refused(call: Call, status: u16, what: &str) -> Answer {
    let answer = call.send().await;
    assert_eq!(answer.status, status, "{what}: {answer}");
    assert_problem(&answer);
    assert_no_leak(&answer);
    answer
}

/// Nothing of how we are made reaches a client.
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
