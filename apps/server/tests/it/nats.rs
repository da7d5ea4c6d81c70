//! A build with the feature `nats`: events are relayed to a broker.

use std::{thread::sleep, time::Duration};

use serde_json::json;
use tenantry_testkit::{ApiClient, NatsServer, each_database};

use crate::support::{Program, ServerProcess};

const PENDING: &str = "SELECT count(*) FROM event_deliveries WHERE listener = 'relay.nats'";

each_database! {
    async fn the_server_relays_its_events_and_those_of_the_command_line(
        database: TestDatabase
    ) {
        let broker = NatsServer::start();
        let program = Program::on(&database)
            .with("TENANTRY__SERVER__PORT", "0")
            .with("TENANTRY__EVENTS__NATS_URL", &format!("nats://{}", broker.address()));
        let account = ["user", "create", "--email", "ada@example.com", "--name", "Ada"];
        program.run(&account).expect(0);
        let recorded = database.number(PENDING).await;
        assert!(recorded > 0, "the server relays it later");
        let status = program.run(&["events", "status", "--json"]).expect(0).json();
        let status = status.as_array().expect("a list").clone();
        let ours = status.iter().find(|it| it["listener"] == "relay.nats");
        assert_eq!(ours.expect("the relay is one of them")["pending"], recorded);

        let server = ServerProcess::start(&program, "saas");
        let client = server.client();
        let account = json!({
            "email": "bob@example.com", "name": "Bob", "password": "correct horse battery",
        });
        client.post("/api/auth/signup", account).send().await.expect(201);
        client.post("/api/organizations", json!({"name": "Acme"})).send().await.expect(201);
        while database.number(PENDING).await > 0 {
            sleep(Duration::from_millis(20));
        }
        let logged = database.number("SELECT count(*) FROM event_log").await;
        let seen = ApiClient::new(broker.monitor()).get("/jsz").send().await.expect(200);
        assert_eq!(seen.json()["messages"], logged);
    }
}
