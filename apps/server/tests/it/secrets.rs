//! No issued secret is stored: not in the database, which includes recorded events, and not in
//! the log at any level.

use std::{fs, path::Path};

use serde_json::json;
use tenantry_testkit::{Answer, ApiClient, Authenticator, each_database};
use tenantry_users::SessionDigest;

use crate::{
    http::support::{Tables, text},
    support::{Program, ServerProcess},
};

/// A secret that was returned to a client.
struct Issued {
    kind: &'static str,
    secret: String,
    /// What is stored of it, if anything.
    stored: Option<String>,
}

/// Issues every kind of secret over HTTP and uses each once. Add new kinds here.
async fn issue(server: &ServerProcess) -> Vec<Issued> {
    let client = server.client();
    let mut issued = Vec::new();
    let mut add = |kind, secret: &str, stored: Option<String>| {
        let secret = secret.to_owned();
        issued.push(Issued {
            kind,
            secret,
            stored,
        });
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
    let organization = text(&made.expect(201).json()["id"]);
    let new = json!({"name": "CI", "organization_id": organization});
    let made = client.post("/api/tokens", new).send().await.expect(201);
    let token = text(&made.json()["token"]);
    for (token, status) in [(token.clone(), 200), (format!("{token}0"), 401)] {
        let header = format!("Bearer {token}");
        let call = server.client().get("/api/projects");
        let answer = call.header("authorization", header).send().await;
        answer.expect(status);
    }
    invitations(&client, &organization, &mut add).await;
    second_factor(&client, second, &mut add).await;
    // The last characters are shown on purpose, and belong to the checksum.
    add("a token", &token[..68], Some(digest(&token)));
    issued
}

/// An invitation by address that is resent, and a link that is used.
async fn invitations(
    client: &ApiClient,
    organization: &str,
    add: &mut impl FnMut(&'static str, &str, Option<String>),
) {
    let path = format!("/api/organizations/{organization}/invitations");
    let new = json!({"email": "bob@example.com", "role": "member"});
    let sent = client.post(&path, new).send().await.expect(201);
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

/// An app that is set up, a code of it, and recovery codes; some of them are used.
async fn second_factor(
    client: &ApiClient,
    password: &str,
    add: &mut impl FnMut(&'static str, &str, Option<String>),
) {
    let current = json!({"current_password": password});
    let begun = client.post("/api/auth/mfa/totp", &current).send().await;
    let begun = begun.expect(200).json();
    let secret = text(&begun["secret"]);
    let code = json!({"code": Authenticator::new(&secret).code()});
    let confirmed = client.post("/api/auth/mfa/totp/confirm", code).send().await;
    let codes = confirmed.expect(200).json()["recovery_codes"].clone();
    add("the secret of an app", &secret, None);
    add("the URL of an app", &text(&begun["otpauth_url"]), None);

    let other = client.fork();
    let login = json!({"email": "ada@example.com", "password": password});
    other
        .post("/api/auth/login", login)
        .send()
        .await
        .expect(200);
    let key = session_key(&other);
    add("a pending login", &key, None);
    let used = text(&codes[0]);
    let code = json!({"code": used});
    other
        .post("/api/auth/login/mfa", code)
        .send()
        .await
        .expect(200);
    for (kind, code, is_stored) in [
        ("a used recovery code", used, false),
        ("a recovery code", text(&codes[1]), true),
    ] {
        let plain = code.replace('-', "");
        let stored = is_stored.then(|| digest(&plain));
        add(kind, &code, None);
        add(kind, &plain, stored);
    }
}

fn invitation(sent: &Answer) -> String {
    let url = text(&sent.json()["accept_url"]);
    url.split_once("#token=").expect("a secret").1.to_owned()
}

/// The key in the session's cookie, which follows its signature.
fn session_key(client: &ApiClient) -> String {
    let cookie = client.cookies().expect("a session");
    cookie[cookie.len() - 64..].to_owned()
}

/// The SHA-256 of a secret, which is stored for every kind but passwords.
fn digest(secret: &str) -> String {
    SessionDigest::of(secret).as_str().to_owned()
}

fn holds(text: &str, secret: &str) -> bool {
    text.to_lowercase().contains(&secret.to_lowercase())
}

each_database! {
    async fn no_issued_secret_is_in_the_database_or_the_log(database: TestDatabase) {
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

        // The search covers the right places: the stored digests are there, and the log has the
        // statements that inserted them.
        for Issued { kind, stored, .. } in &issued {
            if let Some(stored) = stored {
                assert!(tables.contains_text(stored), "{kind} was not stored");
            }
        }
        for table in ["users", "sessions", "api_tokens", "invitations", "totp_factors", "recovery_codes"] {
            let insert = format!("INSERT INTO \\\"{table}\\\"");
            assert!(logged.contains(&insert), "the log has no insert into {table}");
        }
        assert!(logged.contains("\"TRACE\""), "the log has no TRACE lines");

        let mut leaks = Vec::new();
        for Issued { kind, secret, .. } in &issued {
            let rows = tables.rows().filter(|(_, row)| holds(row, secret));
            leaks.extend(rows.map(|(table, _)| format!("{kind} is in the table {table}")));
            let lines = logged.lines().filter(|line| holds(line, secret));
            leaks.extend(lines.map(|line| format!("{kind} is in the log: {line}")));
        }
        assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    }
}
