//! A server with users and organizations.

use std::sync::Arc;

use serde_json::json;
use tenantry::app::App;
use tenantry_core::{
    access::{Actor, Role},
    id::Uuid,
    runtime::{Failpoints, Runtime},
    value::Slug,
};
use tenantry_organizations::NewMember;
use tenantry_testkit::{ApiClient, TestDatabase};
use tenantry_users::{Email, LinkPurpose, PasswordCost};

use super::{Tables, settled, text};
use crate::support::TestServer;

/// The password of every test user.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// An id that no row has.
pub(crate) const RANDOM_ID: &str = "0199a2b3-c4d5-7e6f-8a9b-0c1d2e3f4a5b";

/// A server on its own database. A user is named by the local part of the address: `ada` is
/// `ada@example.com`.
pub(crate) struct Setup {
    pub(crate) server: TestServer,
    pub(crate) database: TestDatabase,
}

impl Setup {
    pub(crate) async fn new(database: TestDatabase) -> Self {
        Self::with_env(database, &[]).await
    }

    /// A server with these variables in its environment.
    pub(crate) async fn with_env(database: TestDatabase, variables: &[(&str, &str)]) -> Self {
        let server = TestServer::start_as(&database, variables).await;
        Self { server, database }
    }

    /// A server with failpoints.
    pub(crate) async fn with_failpoints(
        database: TestDatabase,
        failpoints: Arc<dyn Failpoints>,
    ) -> Self {
        let settings = TestServer::settings(&database);
        let runtime = Runtime::system().with_failpoints(failpoints);
        let app = App::open(&settings, runtime, PasswordCost::minimal()).await;
        let server = TestServer::of(app.expect("the test's database"), &settings);
        Self { server, database }
    }

    /// A client that is not signed in.
    pub(crate) fn anonymous(&self) -> ApiClient {
        self.server.client()
    }

    /// A new user, signed in.
    pub(crate) async fn user(&self, name: &str) -> ApiClient {
        let client = self.anonymous();
        let account = json!({"email": email(name), "password": PASSWORD, "name": name});
        let answer = client.post("/api/auth/signup", account).send().await;
        answer.expect(201);
        client
    }

    /// Another session of an existing user.
    pub(crate) async fn login(&self, name: &str) -> ApiClient {
        let client = self.anonymous();
        let login = json!({"email": email(name), "password": PASSWORD});
        let answer = client.post("/api/auth/login", login).send().await;
        answer.expect(200);
        client
    }

    /// Creates an organization that the client owns. Returns its id.
    pub(crate) async fn organization(&self, owner: &ApiClient, slug: &str) -> String {
        let new = json!({"name": slug, "slug": slug});
        let made = owner.post("/api/organizations", new).send().await;
        text(&made.expect(201).json()["id"])
    }

    /// A new user who is a member with this role.
    pub(crate) async fn member(&self, slug: &str, name: &str, role: Role) -> ApiClient {
        let client = self.user(name).await;
        self.join(slug, name, role).await;
        client
    }

    /// Adds a member without an invitation.
    pub(crate) async fn join(&self, slug: &str, name: &str, role: Role) {
        let app = &self.server.app;
        let slug: Slug = slug.parse().expect("a slug");
        let organization = app.organizations.directory.find_by_slug(&slug).await;
        let organization = organization.expect("found").expect("there").id;
        let email: Email = email(name).parse().expect("an address");
        let user = app.users.find_by_email(&email).await;
        let user = user.expect("found").expect("there").id;
        let new = NewMember { user, role };
        let joined = app
            .organizations
            .members
            .add_member(organization, new, Actor::system());
        joined.await.expect("not a member yet");
    }

    /// Deletes a membership in the database.
    pub(crate) async fn remove(&self, slug: &str, name: &str) {
        let email = email(name);
        let sql = format!(
            "DELETE FROM organization_members
             WHERE organization_id = (SELECT id FROM organizations WHERE slug = '{slug}')
             AND user_id = (SELECT id FROM users WHERE email = '{email}')"
        );
        assert_eq!(
            self.database.execute(&sql).await,
            1,
            "{name} was not a member"
        );
    }

    /// Enables or disables an organization, as operators do.
    pub(crate) async fn set_active(&self, slug: &str, active: bool) {
        let sql = format!("UPDATE organizations SET is_active = {active} WHERE slug = '{slug}'");
        assert_eq!(self.database.execute(&sql).await, 1, "there is no {slug}");
    }

    /// Creates a project in that organization. Returns its id.
    pub(crate) async fn project(&self, member: &ApiClient, slug: &str, name: &str) -> String {
        let new = json!({"name": name});
        let made = member
            .post("/api/projects", new)
            .organization(slug)
            .send()
            .await;
        text(&made.expect(201).json()["id"])
    }

    /// The secret of a link of this purpose that is mailed to a new user.
    pub(crate) async fn mailed_secret(&self, name: &str, purpose: LinkPurpose) -> String {
        let client = self.user(name).await;
        let email = email(name);
        let ask = match purpose {
            LinkPurpose::PasswordReset => {
                client.post("/api/auth/password/forgot", json!({"email": email}))
            }
            _ => client.raw("POST", "/api/auth/email/verification"),
        };
        ask.send().await.expect(202);
        let link = format!("SELECT id FROM account_links WHERE email = '{email}'");
        let link = text(&self.database.query(&link).await[0]["id"]);
        let link: Uuid = link.parse().expect("an id");
        let mail = self.server.app.users.link_to_mail(link.into(), 1).await;
        let mail = mail.expect("found").expect("a link that is good");
        mail.secret.expose().to_owned()
    }

    /// A snapshot of the database, for a later comparison, after what earlier requests still cause.
    pub(crate) async fn tables(&self) -> Tables {
        settled(&self.database).await;
        Tables::of(&self.database).await
    }

    /// Asserts that nothing was written since the snapshot.
    pub(crate) async fn assert_unchanged(&self, before: &Tables) {
        before.assert_same(&self.tables().await);
    }
}

fn email(name: &str) -> String {
    format!("{name}@example.com")
}
