//! The sessions, and how their requests interleave.

use futures_util::future::{join_all, join3};
use serde_json::{Value, json};
use tenantry_testkit::ApiClient;

use super::{recorder::Recorder, worker::Worker};

/// Workers that name the organization in each request, in one session.
const BY_HEADER: usize = 32;

/// Workers that switch, each in its own session.
const SWITCHING: usize = 4;

/// Workers that share one session, which one of them switches.
const CONCURRENTLY_SWITCHED: usize = 4;

/// Ada, the owner of alpha and beta, on two servers.
pub(super) struct Traffic {
    servers: [ApiClient; 2],
    organizations: [(&'static str, String); 2],
}

impl Traffic {
    /// Signs up and creates the two organizations, on two servers with an empty database.
    pub(super) async fn between(servers: [ApiClient; 2]) -> Self {
        let account = with_name(ada());
        servers[0]
            .post("/api/auth/signup", account)
            .send()
            .await
            .expect(201);
        // One session, on both servers.
        copy_session(&servers[0], &servers[1]);
        let mut organizations = [("alpha", String::new()), ("beta", String::new())];
        for (slug, id) in &mut organizations {
            let new = json!({"name": slug, "slug": slug});
            let made = servers[1].post("/api/organizations", new).send().await;
            made.expect(201).json()["id"]
                .as_str()
                .expect("an id")
                .clone_into(id);
        }
        Self {
            servers,
            organizations,
        }
    }

    /// Runs all workers concurrently to completion. A round is about 280 requests.
    pub(super) async fn run(&self, rounds: usize) -> Recorder {
        let recorder = Recorder::new();
        let worker = |kind: &str, number: usize, servers| Worker {
            name: format!("{kind}-{number}"),
            servers,
            organizations: &self.organizations,
            recorder: &recorder,
        };
        let mut by_header = Vec::new();
        for number in 0..BY_HEADER {
            by_header.push(worker("header", number, self.servers.clone()));
        }
        let mut switching = Vec::new();
        for number in 0..SWITCHING {
            switching.push(worker("switch", number, self.session().await));
        }
        let shared = self.session().await;
        let mut while_switched = Vec::new();
        for number in 0..CONCURRENTLY_SWITCHED {
            while_switched.push(worker("switched", number, shared.clone()));
        }
        let numbered = |workers| Vec::into_iter(workers).enumerate();
        let by_header = numbered(by_header)
            .map(|(number, worker)| async move { worker.by_header(number, rounds).await });
        let switching = numbered(switching)
            .map(|(number, worker)| async move { worker.by_switching(number, rounds).await });
        let while_switched = numbered(while_switched)
            .map(|(number, worker)| async move { worker.while_switched(number, rounds).await });
        join3(
            join_all(by_header),
            join_all(switching),
            join_all(while_switched),
        )
        .await;
        recorder
    }

    /// Another session of the same user, on both servers.
    async fn session(&self) -> [ApiClient; 2] {
        let servers = [self.servers[0].fork(), self.servers[1].fork()];
        let login = servers[0].post("/api/auth/login", ada()).send().await;
        login.expect(200);
        copy_session(&servers[0], &servers[1]);
        servers
    }
}

fn copy_session(from: &ApiClient, to: &ApiClient) {
    to.set_cookies(&from.cookies().expect("a session"));
}

fn ada() -> Value {
    json!({"email": "ada@example.com", "password": "correct horse battery"})
}

fn with_name(mut account: Value) -> Value {
    account["name"] = "Ada".into();
    account
}
