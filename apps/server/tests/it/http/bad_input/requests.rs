//! A valid request for every route, from which the invalid ones are derived.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tenantry_core::access::Role;
use tenantry_http::{RouteInfo, SampleValues};
use tenantry_testkit::{Answer, ApiClient, Call, TestDatabase};
use tenantry_users::LinkPurpose;

use crate::http::support::{
    PASSWORD, RANDOM_ID, Setup, api_routes, assert_problem, collections, filled, items, text,
};

/// Routes whose valid body takes a second factor, which this caller has not: `http::second_factor` and
/// `http::passkeys` send them.
pub(super) const NEEDS_FACTOR: [&str; 7] = [
    "/api/auth/login/mfa",
    "/api/auth/login/passkey/finish",
    "/api/auth/mfa/passkeys/finish",
    "/api/auth/mfa/recovery-codes",
    "/api/auth/mfa/totp/confirm",
    "/api/auth/mfa/verify",
    "/api/auth/mfa/verify/passkey/finish",
];

/// An owner with one resource of every kind.
pub(super) struct Fixture {
    pub(super) setup: Setup,
    pub(super) ada: ApiClient,
    root: ApiClient,
    ada_id: String,
    organization: String,
    /// A resource of each collection.
    resources: BTreeMap<&'static str, String>,
    /// Two other members.
    members: [String; 2],
    /// The secret of an invitation link into another organization.
    secret: String,
    /// The secrets of mailed links: of a reset, and of a confirmation.
    mailed: [String; 2],
}

impl Fixture {
    pub(super) async fn new(db: TestDatabase) -> Self {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let organization = setup.organization(&ada, "alpha").await;
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
        let mailed = [
            setup
                .mailed_secret("rita", LinkPurpose::PasswordReset)
                .await,
            setup
                .mailed_secret("vera", LinkPurpose::EmailVerification)
                .await,
        ];
        let mut fixture = Self {
            setup,
            ada,
            root,
            ada_id: text(&me["id"]),
            organization,
            resources: BTreeMap::new(),
            // Newest first.
            members: [members[0].clone(), members[1].clone()],
            secret: secret.to_owned(),
            mailed,
        };
        for route in collections() {
            let body = fixture.body(route).expect("a sample");
            let created = fixture.ada.post(route.path, body);
            let created = created.organization("alpha").send().await.expect(201);
            let id = text(&created.json()["id"]);
            fixture.resources.insert(route.path, id);
        }
        fixture
    }

    /// Every route, with the path of an existing resource.
    pub(super) fn routes(&self) -> Vec<(RouteInfo, String)> {
        let path = |route: &RouteInfo| {
            let id = match route.path {
                "/api/auth/sessions/{id}" => RANDOM_ID,
                "/api/admin/organizations/{id}" => &self.organization,
                "/api/admin/users/{id}" => &self.ada_id,
                path if path.contains("{member_id}") => &self.members[0],
                path => {
                    let collection = path.split_once("/{id}").map(|(collection, _)| collection);
                    let known = collection.and_then(|it| self.resources.get(it));
                    known.map_or(RANDOM_ID, String::as_str)
                }
            };
            filled(route, &self.organization, id)
        };
        let routes = api_routes().into_iter();
        routes.map(|route| (route.clone(), path(&route))).collect()
    }

    /// The routes that read a body, with a valid one: their samples.
    pub(super) fn bodies(&self) -> Vec<(RouteInfo, String, Value)> {
        let mut bodies = Vec::new();
        for (route, path) in self.routes() {
            // A merge patch: unknown members are a 422. See `operators::settings`.
            let is_merge_patch = route.method == "PATCH" && route.path.ends_with("/settings");
            if route.method == "DELETE" || is_merge_patch {
                continue;
            }
            if let Some(body) = self.body(&route) {
                bodies.push((route, path, body));
            }
        }
        bodies
    }

    /// The sample of the route.
    fn body(&self, route: &RouteInfo) -> Option<Value> {
        let id = match (route.sample.body_ids, route.path) {
            (Some(collection), _) => self.resources.get(collection).expect("a resource"),
            (None, "/api/tokens") => &self.organization,
            (None, path) if path.ends_with("/transfer") => &self.members[1],
            (None, "/api/auth/password/reset") => &self.mailed[0],
            (None, "/api/auth/email/verify") => &self.mailed[1],
            _ => &self.secret,
        };
        let values = SampleValues {
            text: "New".to_owned(),
            email: "ada@example.com".to_owned(),
            password: PASSWORD.to_owned(),
            code: "123456".to_owned(),
            number: 1,
            ids: vec![id.clone()],
        };
        route.sample.body.map(|body| body(&values))
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
