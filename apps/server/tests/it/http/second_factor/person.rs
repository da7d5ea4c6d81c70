//! A person with a second factor.

use serde_json::{Value, json};
use tenantry_testkit::{Answer, ApiClient, Authenticator};

use crate::http::support::{PASSWORD, Setup, text};

/// A person with an authenticator app and recovery codes.
pub(crate) struct Person {
    /// The session in which the app was set up.
    pub(crate) client: ApiClient,
    pub(crate) app: Authenticator,
    pub(crate) recovery: Vec<String>,
    email: String,
}

impl Person {
    /// A new user who set up an app.
    pub(crate) async fn new(setup: &Setup, name: &str) -> Self {
        Self::enrol(setup.user(name).await, name).await
    }

    /// A signed-in user who sets up an app.
    pub(crate) async fn enrol(client: ApiClient, name: &str) -> Self {
        let app = begin(&client).await;
        let codes = confirm(&client, &app.code()).await.expect(200).json();
        Self {
            client,
            app,
            recovery: recovery_codes(&codes),
            email: format!("{name}@example.com"),
        }
    }

    /// A code that was not used yet. The server forgets the used ones: tests don't wait for the next.
    pub(crate) async fn code(&self, setup: &Setup) -> String {
        let forget = "UPDATE totp_factors SET last_step = 0";
        setup.database.execute(forget).await;
        self.app.code()
    }

    /// Sends the password only.
    pub(crate) async fn begin_login(&self, client: &ApiClient) -> Answer {
        log_in(client, &self.email, PASSWORD).await
    }

    /// A new session.
    pub(crate) async fn login(&self, setup: &Setup) -> ApiClient {
        let client = setup.anonymous();
        self.begin_login(&client).await.expect(200);
        let code = self.code(setup).await;
        complete(&client, &code).await.expect(200);
        client
    }
}

pub(super) async fn log_in(client: &ApiClient, email: &str, password: &str) -> Answer {
    let login = json!({"email": email, "password": password});
    client.post("/api/auth/login", login).send().await
}

/// Sends a code to a login.
pub(super) async fn complete(client: &ApiClient, code: &str) -> Answer {
    let code = json!({"code": code});
    client.post("/api/auth/login/mfa", code).send().await
}

/// Checks the second factor again.
pub(super) async fn check(client: &ApiClient, code: &str) -> Answer {
    let code = json!({"code": code});
    client.post("/api/auth/mfa/verify", code).send().await
}

/// Begins to set up an app.
pub(crate) async fn begin(client: &ApiClient) -> Authenticator {
    let body = json!({"current_password": PASSWORD});
    let begun = client.post("/api/auth/mfa/totp", body).send().await;
    Authenticator::new(&text(&begun.expect(200).json()["secret"]))
}

pub(super) async fn confirm(client: &ApiClient, code: &str) -> Answer {
    let code = json!({"code": code});
    client.post("/api/auth/mfa/totp/confirm", code).send().await
}

pub(super) async fn remove(client: &ApiClient, password: &str, code: &str) -> Answer {
    let proofs = json!({"current_password": password, "code": code});
    client
        .delete("/api/auth/mfa/totp")
        .json(proofs)
        .send()
        .await
}

pub(super) async fn renew(client: &ApiClient, password: &str) -> Answer {
    let body = json!({"current_password": password});
    client
        .post("/api/auth/mfa/recovery-codes", body)
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

pub(super) fn recovery_codes(issued: &Value) -> Vec<String> {
    let codes = issued["recovery_codes"].as_array().expect("codes");
    codes.iter().map(text).collect()
}

/// The items of a list.
pub(super) fn listed(answer: &Answer) -> Vec<Value> {
    let list = answer.json();
    list["items"].as_array().expect("a list").clone()
}

/// Lets ten minutes pass since each session checked its second factor.
pub(crate) async fn let_checks_age(setup: &Setup) {
    let sql = "UPDATE sessions SET second_factor_at = '2020-01-01T00:00:00+00:00'
               WHERE second_factor_at IS NOT NULL";
    setup.database.execute(sql).await;
}
