//! No secret that was given out is anywhere but with whom it was given to: not in a dump of the
//! database, where recorded events are, and not in the log, however much is logged.

use std::fs;

use serde_json::json;
use tenantry_testkit::{TestDatabase, each_database};

use crate::{
    http::support::{Tables, text},
    support::{Program, Served},
};

/// A secret, and the column where its digest is.
struct Issued {
    kind: &'static str,
    secret: String,
    kept_in: &'static str,
}

/// Has every kind of secret given out over HTTP, each used once.
async fn issue(server: &Served) -> Vec<Issued> {
    let client = server.client();
    let mut issued = Vec::new();
    let mut add = |kind, secret: &str, kept_in| {
        let secret = secret.to_owned();
        issued.push(Issued {
            kind,
            secret,
            kept_in,
        });
    };

    let first = "a first password of ada's";
    let account = json!({"email": "ada@example.com", "name": "Ada", "password": first});
    client
        .post("/api/auth/signup", account)
        .send()
        .await
        .expect(201);
    let cookie = client.cookies().expect("a session");
    add(
        "the session of a signup",
        session_key(&cookie),
        "sessions.key_hash",
    );

    let second = "a second password of ada's";
    let change = json!({"current_password": first, "new_password": second});
    client
        .post("/api/auth/password", change)
        .send()
        .await
        .expect(204);
    add("a replaced password", first, "users.password_hash");
    add("a password", second, "users.password_hash");
    for password in ["a wrong password of ada's", second] {
        let login = json!({"email": "ada@example.com", "password": password});
        client.post("/api/auth/login", login).send().await;
        add("a typed password", password, "users.password_hash");
    }
    let cookie = client.cookies().expect("a session");
    add(
        "the session of a login",
        session_key(&cookie),
        "sessions.key_hash",
    );

    let new = json!({"name": "Acme", "slug": "acme"});
    let made = client.post("/api/organizations", new).send().await;
    let place = text(&made.expect(201).json()["id"]);
    let new = json!({"name": "CI", "organization_id": place});
    let made = client
        .post("/api/tokens", new)
        .send()
        .await
        .expect(201)
        .json();
    let token = text(&made["token"]);
    let header = format!("Bearer {token}");
    let by_token = server
        .client()
        .get("/api/projects")
        .header("authorization", header);
    by_token.send().await.expect(200);
    // The checksum's end is shown on purpose, so it is the random part that must not be.
    add("a token", &token[..68], "api_tokens.secret_hash");
    let wrong = format!("{token}0");
    let header = format!("Bearer {wrong}");
    let refused = server
        .client()
        .get("/api/projects")
        .header("authorization", header);
    refused.send().await.expect(401);
    issued
}

/// The key in a session's cookie, behind its signature.
fn session_key(cookie: &str) -> &str {
    let value = cookie.split_once('=').expect("a name and a value").1;
    &value[value.len() - 64..]
}

/// How often a text occurs, whatever of it is written as an escape.
fn is_in(text: &str, secret: &str) -> bool {
    text.to_lowercase().contains(&secret.to_lowercase())
}

each_database! {
    async fn no_secret_that_was_given_out_is_in_a_dump_or_in_the_log(database: TestDatabase) {
        let log = std::env::temp_dir().join(format!("tenantry-log-{}", std::process::id()))
            .with_extension(format!("{:?}", database.backend()));
        let program = Program::on(&database)
            .with("TENANTRY__SERVER__PORT", "0")
            .with("RUST_LOG", "trace")
            .logging_to(&log);
        let server = Served::start(&program, "saas");
        let issued = issue(&server).await;
        drop(server);
        let logged = fs::read_to_string(&log).expect("a log");
        fs::remove_file(&log).expect("just read");
        let tables = Tables::of(&database).await;

        // The right places are looked at: what is stored of each secret is there, and so is the
        // statement that stored it.
        for place in ["users.password_hash", "sessions.key_hash", "api_tokens.secret_hash"] {
            let (table, column) = place.split_once('.').expect("a table and a column");
            let found = tables.rows().any(|(of, row)| {
                let row: serde_json::Value = serde_json::from_str(row).expect("JSON");
                of == table && row[column].as_str().is_some_and(|kept| kept.len() >= 64)
            });
            assert!(found, "nothing in {place}");
            assert!(issued.iter().any(|issued| issued.kept_in == place), "no secret for {place}");
            assert!(logged.contains(table), "the log says nothing of {table}");
        }
        assert!(logged.contains("TRACE") && logged.contains("DEBUG"), "not everything is logged");

        let mut told = Vec::new();
        for Issued { kind, secret, .. } in &issued {
            let rows = tables.rows().filter(|(_, row)| is_in(row, secret));
            told.extend(rows.map(|(table, _)| format!("{kind} is in the table {table}")));
            let lines = logged.lines().filter(|line| is_in(line, secret));
            told.extend(lines.map(|line| format!("{kind} is in the log: {line}")));
        }
        assert!(told.is_empty(), "{}", told.join("\n"));
    }
}
