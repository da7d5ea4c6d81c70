//! API tokens over HTTP.

mod acting;
mod managing;

use serde_json::{Value, json};
use tenantry_testkit::{ApiClient, Call};

use super::support::text;

/// A new token of the client, as returned at creation.
pub(crate) async fn token(client: &ApiClient, organization: &str, name: &str) -> Value {
    let new = json!({"name": name, "organization_id": organization});
    let made = client.post("/api/tokens", new).send().await;
    made.expect(201).json()
}

/// The call, authenticated with that token.
pub(crate) fn with(made: &Value, call: Call) -> Call {
    call.header("authorization", format!("Bearer {}", text(&made["token"])))
}
