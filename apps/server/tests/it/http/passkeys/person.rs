//! A person with a passkey.

use serde_json::{Value, json};
use tenantry_testkit::{Answer, ApiClient};

use super::authenticator::Authenticator;
use crate::http::support::{PASSWORD, Setup, text};

/// A person with a passkey.
pub(super) struct Person {
    /// The session in which it was added.
    pub(super) client: ApiClient,
    pub(super) authenticator: Authenticator,
    /// What the server answered when it was added.
    pub(super) added: Value,
    pub(super) email: String,
}

impl Person {
    /// A new user who added a passkey.
    pub(super) async fn new(setup: &Setup, name: &str) -> Self {
        let client = setup.user(name).await;
        let mut authenticator = authenticator(setup);
        let added = add(&client, &mut authenticator).await.expect(201).json();
        Self {
            client,
            authenticator,
            added,
            email: format!("{name}@example.com"),
        }
    }

    /// The id of the passkey.
    pub(super) fn passkey(&self) -> String {
        text(&self.added["passkey"]["id"])
    }

    /// Sends the password only.
    pub(super) async fn send_password(&self, client: &ApiClient) -> Answer {
        let login = json!({"email": self.email, "password": PASSWORD});
        client.post("/api/auth/login", login).send().await
    }
}

/// An authenticator in a browser that shows the server's pages.
pub(super) fn authenticator(setup: &Setup) -> Authenticator {
    Authenticator::new(&origin(setup))
}

/// The origin under which passkeys are used: a number has none.
pub(super) fn origin(setup: &Setup) -> String {
    let address = setup.anonymous().address();
    let port = address.rsplit(':').next().expect("a port");
    format!("http://localhost:{port}")
}

/// The options of a begun step.
pub(super) async fn options(client: &ApiClient, path: &str) -> Value {
    let begun = client.raw("POST", path).send().await.expect(200);
    begun.json()["options"].clone()
}

pub(super) async fn begin(client: &ApiClient, password: &str) -> Answer {
    let body = json!({"current_password": password});
    client
        .post("/api/auth/mfa/passkeys/begin", body)
        .send()
        .await
}

pub(super) async fn begun(client: &ApiClient) -> Value {
    let begun = begin(client, PASSWORD).await.expect(200);
    begun.json()["options"].clone()
}

pub(super) async fn finish(client: &ApiClient, credential: Value) -> Answer {
    let body = json!({"name": "Phone", "credential": credential});
    client
        .post("/api/auth/mfa/passkeys/finish", body)
        .send()
        .await
}

/// Adds a passkey.
pub(super) async fn add(client: &ApiClient, authenticator: &mut Authenticator) -> Answer {
    let options = begun(client).await;
    finish(client, authenticator.create(&options)).await
}

pub(super) async fn begin_login(client: &ApiClient) -> Value {
    options(client, "/api/auth/login/passkey/begin").await
}

pub(super) async fn finish_login(client: &ApiClient, credential: Value) -> Answer {
    let body = json!({"credential": credential});
    client
        .post("/api/auth/login/passkey/finish", body)
        .send()
        .await
}

/// Logs in with a passkey alone.
pub(super) async fn log_in(client: &ApiClient, authenticator: &Authenticator) -> Answer {
    let options = begin_login(client).await;
    finish_login(client, authenticator.get(&options)).await
}

pub(super) async fn finish_check(client: &ApiClient, credential: Value) -> Answer {
    let body = json!({"credential": credential});
    client
        .post("/api/auth/mfa/verify/passkey/finish", body)
        .send()
        .await
}

/// What is set up.
pub(super) async fn show(client: &ApiClient) -> Value {
    client.get("/api/auth/mfa").send().await.expect(200).json()
}

pub(super) async fn status(client: &ApiClient) -> u16 {
    client.get("/api/auth/me").send().await.status
}

/// The wire names of what the client's activity shows, the newest first.
pub(super) async fn activity(client: &ApiClient) -> Vec<String> {
    let list = client.get("/api/auth/activity").send().await.expect(200);
    crate::http::support::items(&list, "action")
}
