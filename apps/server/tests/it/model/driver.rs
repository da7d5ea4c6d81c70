//! Executes steps on a real server.

use std::{collections::BTreeMap, fmt::Debug, str::FromStr};

use tenantry_core::access::{Actor, Role};
use tenantry_organizations::NewMember;
use tenantry_testkit::{ApiClient, TestDatabase};

use super::{
    request::{Request, email, new_name},
    response::Response,
    step::{BROWSERS, Command, OperatorAction, Person, Slug},
};
use crate::support::TestServer;

/// A server, its database and some browsers.
pub(super) struct Driver<'s> {
    server: &'s TestServer,
    database: &'s TestDatabase,
    browsers: Vec<ApiClient>,
    /// The ids of the users, organizations and projects that were created, by label.
    ids: BTreeMap<String, String>,
    /// How many requests were sent.
    pub(super) requests: usize,
}

impl<'s> Driver<'s> {
    /// Starts with an empty database and without sessions.
    pub(super) async fn new(server: &'s TestServer, database: &'s TestDatabase) -> Self {
        for table in [
            "projects",
            "organization_members",
            "organizations",
            "sessions",
            "users",
        ] {
            database.execute(&format!("DELETE FROM {table}")).await;
        }
        Self {
            server,
            database,
            browsers: (0..BROWSERS).map(|_| server.client()).collect(),
            ids: BTreeMap::new(),
            requests: 0,
        }
    }

    /// Sends a request, and the requests for the further pages of a list.
    pub(super) async fn request(
        &mut self,
        step: usize,
        browser: usize,
        command: &Command,
        mut request: Request,
    ) -> Response {
        let mut all = Response::empty(200);
        loop {
            let answer = request
                .call(&self.browsers[browser], &self.ids)
                .send()
                .await;
            self.requests += 1;
            let response = Response::from_answer(&answer).normalized(&request);
            all.status = response.status;
            all.lines.extend(response.lines);
            if answer.status >= 300 || answer.body.is_empty() {
                return all;
            }
            let body = answer.json();
            if let (201, Some(id)) = (answer.status, body["id"].as_str()) {
                self.ids.insert(made(command, step), id.to_owned());
            }
            match body["next_cursor"].as_str() {
                Some(cursor) => request = request.next(cursor),
                None => return all,
            }
        }
    }

    /// Applies an operator's action, past the API.
    pub(super) async fn apply(&self, action: &OperatorAction) {
        match *action {
            OperatorAction::Join(organization, person, role) => {
                let new = NewMember {
                    user: self.id(person),
                    role,
                };
                let organizations = &self.server.app.organizations;
                let joined =
                    organizations
                        .members
                        .add_member(self.id(organization), new, Actor::system());
                joined.await.expect("not a member yet");
            }
            OperatorAction::SetRole(organization, person, role) => {
                self.set_role(organization, person, role).await;
            }
            OperatorAction::Remove(organization, person) => {
                let condition = membership(organization, person);
                self.change_one(&format!("DELETE FROM organization_members {condition}"))
                    .await;
            }
            OperatorAction::Close(slug) => {
                self.set_active("organizations", "slug", slug, false).await
            }
            OperatorAction::Open(slug) => {
                self.set_active("organizations", "slug", slug, true).await
            }
            OperatorAction::Disable(person) => {
                self.set_active("users", "email", &email(person), false)
                    .await
            }
            OperatorAction::Enable(person) => {
                self.set_active("users", "email", &email(person), true)
                    .await
            }
        }
    }

    async fn set_role(&self, organization: Slug, person: Person, role: Role) {
        let condition = membership(organization, person);
        let sql = format!("UPDATE organization_members SET role = '{role}' {condition}");
        self.change_one(&sql).await;
    }

    async fn set_active(&self, table: &str, column: &str, value: &str, active: bool) {
        let sql = format!("UPDATE {table} SET is_active = {active} WHERE {column} = '{value}'");
        self.change_one(&sql).await;
    }

    async fn change_one(&self, sql: &str) {
        assert_eq!(self.database.execute(sql).await, 1, "{sql}");
    }

    fn id<I: FromStr<Err: Debug>>(&self, name: &str) -> I {
        self.ids[name].parse().expect("an id")
    }

    /// The content of the database, in the model's format.
    pub(super) async fn facts(&self) -> Vec<String> {
        let rows = self.database.query(FACTS).await;
        let mut facts: Vec<_> = rows
            .iter()
            .map(|row| row["fact"].as_str().expect("text").to_owned())
            .collect();
        facts.sort();
        facts
    }
}

const FACTS: &str = "
    SELECT u.name || ' is ' || CASE WHEN u.is_active THEN 'active' ELSE 'disabled' END AS fact
    FROM users u
    UNION ALL
    SELECT o.slug || ' is ' || CASE WHEN o.is_active THEN 'open' ELSE 'closed' END
           || ' and called ' || o.name
    FROM organizations o
    UNION ALL
    SELECT o.slug || ' has the member ' || u.name || ', ' || m.role
    FROM organization_members m
    JOIN organizations o ON o.id = m.organization_id JOIN users u ON u.id = m.user_id
    UNION ALL
    SELECT o.slug || ' has the project ' || p.name || ', ' || p.status
    FROM projects p JOIN organizations o ON o.id = p.organization_id
    UNION ALL
    SELECT u.name || ' has a session, switched to ' || coalesce(o.slug, 'nowhere')
    FROM sessions s JOIN users u ON u.id = s.user_id
    LEFT JOIN organizations o ON o.id = s.selected_organization";

/// The label of what a command creates.
fn made(command: &Command, step: usize) -> String {
    match command {
        Command::SignUp(name) | Command::CreateOrganization(name) => (*name).to_owned(),
        _ => new_name(step),
    }
}

fn membership(organization: Slug, person: Person) -> String {
    let email = email(person);
    format!(
        "WHERE organization_id = (SELECT id FROM organizations WHERE slug = '{organization}')
         AND user_id = (SELECT id FROM users WHERE email = '{email}')"
    )
}
