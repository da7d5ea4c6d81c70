//! A revocation takes effect on every process: the first request that starts after its response
//! fails, also on the server that did not handle it.

use serde_json::{Value, json};
use tenantry_testkit::{Answer, ApiClient, TestDatabase, each_database};

use crate::{
    http::support::{PASSWORD, text},
    support::{Program, ServerProcess},
};

/// Two server processes on one database, the organization's owner Grace, and an operator.
struct TwoServers {
    here: ServerProcess,
    there: ServerProcess,
    grace: ApiClient,
    root: ApiClient,
    organization: String,
    #[expect(dead_code, reason = "held for its Drop")]
    database: TestDatabase,
}

/// A member with a session and a token. Both are known to work.
struct Member {
    name: String,
    client: ApiClient,
    token: Value,
}

impl TwoServers {
    async fn new(database: TestDatabase) -> Self {
        let program = Program::on(&database).with("TENANTRY__SERVER__PORT", "0");
        let (here, there) = (
            ServerProcess::start(&program, "saas"),
            ServerProcess::start(&program, "saas"),
        );
        let grace = here.client();
        sign_up(&grace, "grace").await;
        let new = json!({"name": "alpha", "slug": "alpha"});
        let made = grace.post("/api/organizations", new).send().await;
        let organization = text(&made.expect(201).json()["id"]);
        let root = here.client();
        sign_up(&root, "root").await;
        let operator = "UPDATE users SET is_staff = TRUE, is_superuser = TRUE
                        WHERE email = 'root@example.com'";
        assert_eq!(database.execute(operator).await, 1);
        Self {
            here,
            there,
            grace,
            root,
            organization,
            database,
        }
    }

    fn path(&self) -> String {
        format!("/api/organizations/{}", self.organization)
    }

    /// The path of a membership.
    async fn member_path(&self, member: &Member) -> String {
        let path = format!("{}/members", self.path());
        let members = self.grace.get(&format!("{path}?limit=100")).send().await;
        let members = members.expect(200).json();
        let mut members = members["items"].as_array().expect("a list").iter();
        let email = format!("{}@example.com", member.name);
        let found = members.find(|member| member["user_email"] == email.as_str());
        format!("{path}/{}", text(&found.expect("a member")["id"]))
    }

    /// A new member, whose credentials were both used on both servers.
    async fn member(&self, name: &str) -> Member {
        let client = self.here.client();
        sign_up(&client, name).await;
        let invitation = json!({"email": format!("{name}@example.com"), "role": "admin"});
        let path = format!("{}/invitations", self.path());
        let sent = self.grace.post(&path, invitation).send().await.expect(201);
        let url = text(&sent.json()["accept_url"]);
        let secret = url.split_once("#token=").expect("a secret").1;
        let accepted = client.post("/api/invitations/accept", json!({"token": secret}));
        accepted.send().await.expect(200);
        let new = json!({"name": "CI", "organization_id": self.organization});
        let made = client.post("/api/tokens", new).send().await;
        let token = made.expect(201).json();
        let member = Member {
            name: name.to_owned(),
            client,
            token,
        };
        for (cookie, token) in [
            self.calls(&self.here, &member).await,
            self.calls(&self.there, &member).await,
        ] {
            cookie.expect(200);
            token.expect(200);
        }
        member
    }

    /// The server's responses to the member's session and to the token.
    async fn calls(&self, server: &ServerProcess, member: &Member) -> (Answer, Answer) {
        let path = self.path();
        let cookie = member.client.cookies().unwrap_or_default();
        let by_cookie = server.client().get(&path).header("cookie", cookie);
        let token = format!("Bearer {}", text(&member.token["token"]));
        let by_token = server.client().get(&path).header("authorization", token);
        (by_cookie.send().await, by_token.send().await)
    }

    /// Asserts the statuses of both credentials on both servers, the uninvolved one first.
    async fn assert_out(&self, member: &Member, expected: (u16, u16)) {
        for server in [&self.there, &self.here] {
            let (cookie, token) = self.calls(server, member).await;
            let statuses = (cookie.status, token.status);
            assert_eq!(statuses, expected, "{}\n{cookie}\n{token}", member.name);
        }
    }
}

async fn sign_up(client: &ApiClient, name: &str) {
    let email = format!("{name}@example.com");
    let account = json!({"email": email, "password": PASSWORD, "name": name});
    client
        .post("/api/auth/signup", account)
        .send()
        .await
        .expect(201);
}

each_database! {
    async fn revoked_credentials_fail_on_every_server(database: TestDatabase) {
        let servers = TwoServers::new(database).await;

        let ada = servers.member("token").await;
        let path = format!("/api/tokens/{}", text(&ada.token["id"]));
        ada.client.delete(&path).send().await.expect(204);
        servers.assert_out(&ada, (200, 401)).await;

        let ada = servers.member("logout").await;
        let session = ada.client.cookies().expect("a session");
        ada.client.raw("POST", "/api/auth/logout").send().await.expect(204);
        // The server cleared the cookie, but a copy of it exists.
        ada.client.set_cookies(&session);
        servers.assert_out(&ada, (401, 200)).await;

        let ada = servers.member("password").await;
        let other = servers.here.client();
        let login = json!({"email": "password@example.com", "password": PASSWORD});
        other.post("/api/auth/login", login).send().await.expect(200);
        let change = json!({"current_password": PASSWORD, "new_password": "another long secret"});
        other.post("/api/auth/password", change).send().await.expect(204);
        servers.assert_out(&ada, (401, 401)).await;

        let ada = servers.member("removed").await;
        servers.grace.delete(&servers.member_path(&ada).await).send().await.expect(204);
        servers.assert_out(&ada, (404, 401)).await;

        let ada = servers.member("leaving").await;
        let path = format!("{}/leave", servers.path());
        ada.client.raw("POST", &path).send().await.expect(204);
        servers.assert_out(&ada, (404, 401)).await;

        let ada = servers.member("locked").await;
        let me = ada.client.get("/api/auth/me").send().await.expect(200).json();
        let path = format!("/api/admin/users/{}", text(&me["id"]));
        servers.root.patch(&path, json!({"is_active": false})).send().await.expect(200);
        servers.assert_out(&ada, (401, 401)).await;
        // Enabling the account restores no credential.
        servers.root.patch(&path, json!({"is_active": true})).send().await.expect(200);
        servers.assert_out(&ada, (401, 401)).await;

        let ada = servers.member("closed").await;
        let path = format!("/api/admin/organizations/{}", servers.organization);
        servers.root.patch(&path, json!({"is_active": false})).send().await.expect(200);
        servers.assert_out(&ada, (404, 401)).await;
        servers.grace.get(&servers.path()).send().await.expect(404);
    }

    async fn a_demotion_takes_effect_on_every_server(database: TestDatabase) {
        let servers = TwoServers::new(database).await;
        let ada = servers.member("ada").await;
        let path = servers.path();
        let rename = async || {
            let client = servers.there.client();
            let call = || client.patch(&path, json!({"name": "New"}));
            let token = format!("Bearer {}", text(&ada.token["token"]));
            let cookie = ada.client.cookies().expect("a session");
            let by_token = call().header("authorization", token).send().await;
            (call().header("cookie", cookie).send().await.status, by_token.status)
        };
        assert_eq!(rename().await, (200, 200));
        for (role, status) in [("member", 403), ("viewer", 403), ("owner", 200)] {
            let member = servers.member_path(&ada).await;
            servers.grace.patch(&member, json!({"role": role})).send().await.expect(200);
            assert_eq!(rename().await, (status, status), "{role}");
        }
    }
}
