//! No secret that was given out is anywhere but with whom it was given to: not in a dump of the
//! database, where recorded events are, and not in the log, however much is logged.

use std::{fs, path::Path};

use serde_json::json;
use tenantry_testkit::{Answer, ApiClient, each_database};
use tenantry_users::SessionDigest;

use crate::{
    http::support::{Tables, text},
    support::{Program, ServerProcess},
};

/// A secret that was given out.
struct Issued {
    kind: &'static str,
    secret: String,
    /// What is stored of it now, if anything is.
    kept: Option<String>,
}

/// Has every kind of secret given out over HTTP, each used once. A new kind is added here.
async fn issue(server: &ServerProcess) -> Vec<Issued> {
    let client = server.client();
    let mut issued = Vec::new();
    let mut add = |kind, secret: &str, kept: Option<String>| {
        let secret = secret.to_owned();
        issued.push(Issued { kind, secret, kept });
    };

    let first = "a first password of ada's";
    let account = json!({"email": "ada@example.com", "name": "Ada", "password": first});
    let made = client.post("/api/auth/signup", account).send().await;
    made.expect(201);
    add("the session of a signup", &session_key(&client), None);

    let second = "a second password of ada's";
    let change = json!({"current_password": first, "new_password": second});
    let changed = client.post("/api/auth/password", change).send().await;
    changed.expect(204);
    add("a replaced password", first, None);
    add("a password", second, Some("$argon2id$".to_owned()));
    let wrong = "a wrong password of ada's";
    for (password, status) in [(wrong, 401), (second, 200)] {
        let login = json!({"email": "ada@example.com", "password": password});
        let answer = client.post("/api/auth/login", login).send().await;
        answer.expect(status);
    }
    add("a wrong password", wrong, None);
    let key = session_key(&client);
    add("the session of a login", &key, Some(digest(&key)));

    let new = json!({"name": "Acme", "slug": "acme"});
    let made = client.post("/api/organizations", new).send().await;
    let place = text(&made.expect(201).json()["id"]);
    let new = json!({"name": "CI", "organization_id": place});
    let made = client.post("/api/tokens", new).send().await.expect(201);
    let token = text(&made.json()["token"]);
    for (token, status) in [(token.clone(), 200), (format!("{token}0"), 401)] {
        let header = format!("Bearer {token}");
        let call = server.client().get("/api/projects");
        let answer = call.header("authorization", header).send().await;
        answer.expect(status);
    }
    invitations(&client, &place, &mut add).await;
    // Its end is shown on purpose, and belongs to the checksum.
    add("a token", &token[..68], Some(digest(&token)));
    issued
}

/// Invitations: one by address that is sent again, and a link that somebody takes.
async fn invitations(
    client: &ApiClient,
    place: &str,
    add: &mut impl FnMut(&'static str, &str, Option<String>),
) {
    let path = format!("/api/organizations/{place}/invitations");
    let wish = json!({"email": "bob@example.com", "role": "member"});
    let sent = client.post(&path, wish).send().await.expect(201);
    add("a replaced invitation", &invitation(&sent), None);
    let again = format!("{path}/{}/resend", text(&sent.json()["id"]));
    let sent = client.raw("POST", &again).send().await.expect(200);
    let secret = invitation(&sent);
    add("an invitation", &secret, Some(digest(&secret)));
    let preview = client.post("/api/invitations/preview", json!({"token": secret}));
    preview.send().await.expect(200);

    let link = json!({"role": "member", "max_uses": 2});
    let sent = client.post(&path, link).send().await.expect(201);
    let secret = invitation(&sent);
    add("a link", &secret, Some(digest(&secret)));
    let account = json!({
        "email": "bob@example.com", "name": "Bob", "password": "a password of bob's",
        "invitation_token": secret,
    });
    let joined = client.fork().post("/api/auth/signup", account).send().await;
    joined.expect(201);
    add("the password of a guest", "a password of bob's", None);
}

fn invitation(sent: &Answer) -> String {
    let url = text(&sent.json()["accept_url"]);
    url.split_once("#token=").expect("a secret").1.to_owned()
}

/// The key in the session's cookie, which stands behind its signature.
fn session_key(client: &ApiClient) -> String {
    let cookie = client.cookies().expect("a session");
    cookie[cookie.len() - 64..].to_owned()
}

/// The SHA-256 of a secret, which is what is kept of every one but a password.
fn digest(secret: &str) -> String {
    SessionDigest::of(secret).as_str().to_owned()
}

fn holds(text: &str, secret: &str) -> bool {
    text.to_lowercase().contains(&secret.to_lowercase())
}

each_database! {
    async fn no_secret_that_was_given_out_is_in_a_dump_or_in_the_log(database: TestDatabase) {
        let log = format!("secrets-{}-{:?}.log", std::process::id(), database.backend());
        let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join(log);
        let program = Program::on(&database)
            .with("TENANTRY__SERVER__PORT", "0")
            .with("RUST_LOG", "trace")
            .logging_to(&log);
        let server = ServerProcess::start(&program, "saas");
        let issued = issue(&server).await;
        drop(server);
        let logged = fs::read_to_string(&log).expect("a log");
        fs::remove_file(&log).expect("just read");
        let tables = Tables::of(&database).await;

        // The right places are looked at: what is kept of the secrets is there, and the log tells
        // of the statements that put it there.
        for Issued { kind, kept, .. } in &issued {
            if let Some(kept) = kept {
                assert!(tables.contains_text(kept), "{kind} left no trace");
            }
        }
        for table in ["users", "sessions", "api_tokens", "invitations"] {
            let insert = format!("INSERT INTO \\\"{table}\\\"");
            assert!(logged.contains(&insert), "the log tells nothing of {table}");
        }
        assert!(logged.contains("\"TRACE\""), "not everything is logged");

        let mut told = Vec::new();
        for Issued { kind, secret, .. } in &issued {
            let rows = tables.rows().filter(|(_, row)| holds(row, secret));
            told.extend(rows.map(|(table, _)| format!("{kind} is in the table {table}")));
            let lines = logged.lines().filter(|line| holds(line, secret));
            told.extend(lines.map(|line| format!("{kind} is in the log: {line}")));
        }
        assert!(told.is_empty(), "{}", told.join("\n"));
    }
}
