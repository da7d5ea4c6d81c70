//! Who asks, and how the requests interleave.

use futures_util::future::{join_all, join3};
use serde_json::{Value, json};
use tenantry_testkit::ApiClient;

use super::{lane::Lane, ledger::Ledger};

/// Lanes that name the organization in each request, in one session.
const BY_HEADER: usize = 32;

/// Lanes that switch, each in a session of its own.
const SWITCHING: usize = 4;

/// Lanes that share one session, which one of them switches.
const BY_CHANCE: usize = 4;

/// Ada, who owns alpha and beta, at two servers.
pub(super) struct Traffic {
    servers: [ApiClient; 2],
    organizations: [(&'static str, String); 2],
}

impl Traffic {
    /// Signs up and makes the two organizations, at an empty pair of servers.
    pub(super) async fn between(servers: [ApiClient; 2]) -> Self {
        let account = with_name(ada());
        servers[0]
            .post("/api/auth/signup", account)
            .send()
            .await
            .expect(201);
        // One session, known to both.
        carry(&servers[0], &servers[1]);
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

    /// Sends everything at once, as far as lanes allow, and returns when all is answered. A
    /// round is some 280 requests.
    pub(super) async fn run(&self, rounds: usize) -> Ledger {
        let ledger = Ledger::new();
        let lane = |kind: &str, number: usize, servers| Lane {
            name: format!("{kind}-{number}"),
            servers,
            organizations: &self.organizations,
            ledger: &ledger,
        };
        let mut by_header = Vec::new();
        for number in 0..BY_HEADER {
            by_header.push(lane("header", number, self.servers.clone()));
        }
        let mut switching = Vec::new();
        for number in 0..SWITCHING {
            switching.push(lane("switch", number, self.session().await));
        }
        let shared = self.session().await;
        let mut by_chance = Vec::new();
        for number in 0..BY_CHANCE {
            by_chance.push(lane("chance", number, shared.clone()));
        }
        let numbered = |lanes| Vec::into_iter(lanes).enumerate();
        let by_header = numbered(by_header)
            .map(|(number, lane)| async move { lane.by_header(number, rounds).await });
        let switching = numbered(switching)
            .map(|(number, lane)| async move { lane.by_switching(number, rounds).await });
        let by_chance = numbered(by_chance)
            .map(|(number, lane)| async move { lane.by_chance(number, rounds).await });
        join3(
            join_all(by_header),
            join_all(switching),
            join_all(by_chance),
        )
        .await;
        ledger
    }

    /// Another session of hers, at both servers.
    async fn session(&self) -> [ApiClient; 2] {
        let servers = [self.servers[0].fork(), self.servers[1].fork()];
        let login = servers[0].post("/api/auth/login", ada()).send().await;
        login.expect(200);
        carry(&servers[0], &servers[1]);
        servers
    }
}

fn carry(from: &ApiClient, to: &ApiClient) {
    to.set_cookie(&from.cookies().expect("a session"));
}

fn ada() -> Value {
    json!({"email": "ada@example.com", "password": "correct horse battery"})
}

fn with_name(mut account: Value) -> Value {
    account["name"] = "Ada".into();
    account
}
