//! What was taken away is gone on every process: the first request that starts after the answer
//! fails, also on the server that did not take part in it.

use serde_json::{Value, json};
use tenantry_testkit::{Answer, ApiClient, TestDatabase, each_database};

use crate::{
    http::support::{PASSWORD, text},
    support::{Program, ServerProcess},
};

/// Two server processes on one database, Grace, who owns the organization, and an operator.
struct Two {
    here: ServerProcess,
    there: ServerProcess,
    grace: ApiClient,
    root: ApiClient,
    place: String,
    #[expect(dead_code, reason = "held for its Drop")]
    database: TestDatabase,
}

/// Somebody in it, with a session and a token. Both are known to work there.
struct Person {
    name: String,
    client: ApiClient,
    token: Value,
}

impl Two {
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
        let place = text(&made.expect(201).json()["id"]);
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
            place,
            database,
        }
    }

    fn path(&self) -> String {
        format!("/api/organizations/{}", self.place)
    }

    /// The path of somebody's membership.
    async fn member(&self, person: &Person) -> String {
        let path = format!("{}/members", self.path());
        let members = self.grace.get(&format!("{path}?limit=100")).send().await;
        let members = members.expect(200).json();
        let mut members = members["items"].as_array().expect("a list").iter();
        let email = format!("{}@example.com", person.name);
        let found = members.find(|member| member["user_email"] == email.as_str());
        format!("{path}/{}", text(&found.expect("a member")["id"]))
    }

    /// A new member, who has used both credentials on both servers just now.
    async fn person(&self, name: &str) -> Person {
        let client = self.here.client();
        sign_up(&client, name).await;
        let wish = json!({"email": format!("{name}@example.com"), "role": "admin"});
        let path = format!("{}/invitations", self.path());
        let sent = self.grace.post(&path, wish).send().await.expect(201);
        let url = text(&sent.json()["accept_url"]);
        let secret = url.split_once("#token=").expect("a secret").1;
        let accepted = client.post("/api/invitations/accept", json!({"token": secret}));
        accepted.send().await.expect(200);
        let new = json!({"name": "CI", "organization_id": self.place});
        let made = client.post("/api/tokens", new).send().await;
        let token = made.expect(201).json();
        let person = Person {
            name: name.to_owned(),
            client,
            token,
        };
        for (cookie, token) in [
            self.calls(&self.here, &person).await,
            self.calls(&self.there, &person).await,
        ] {
            cookie.expect(200);
            token.expect(200);
        }
        person
    }

    /// What the server answers to his session and to his token.
    async fn calls(&self, server: &ServerProcess, person: &Person) -> (Answer, Answer) {
        let path = self.path();
        let cookie = person.client.cookies().unwrap_or_default();
        let by_cookie = server.client().get(&path).header("cookie", cookie);
        let token = format!("Bearer {}", text(&person.token["token"]));
        let by_token = server.client().get(&path).header("authorization", token);
        (by_cookie.send().await, by_token.send().await)
    }

    /// Both servers refuse both credentials, the one that was not asked first.
    async fn assert_out(&self, person: &Person, expected: (u16, u16)) {
        for server in [&self.there, &self.here] {
            let (cookie, token) = self.calls(server, person).await;
            let answered = (cookie.status, token.status);
            assert_eq!(answered, expected, "{}\n{cookie}\n{token}", person.name);
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
    async fn whatever_is_revoked_here_fails_there_at_once(database: TestDatabase) {
        let two = Two::new(database).await;

        let ada = two.person("token").await;
        let path = format!("/api/tokens/{}", text(&ada.token["id"]));
        ada.client.delete(&path).send().await.expect(204);
        two.assert_out(&ada, (200, 401)).await;

        let ada = two.person("logout").await;
        let session = ada.client.cookies().expect("a session");
        ada.client.raw("POST", "/api/auth/logout").send().await.expect(204);
        // The server has taken the cookie back, and somebody kept it.
        ada.client.set_cookie(&session);
        two.assert_out(&ada, (401, 200)).await;

        let ada = two.person("password").await;
        let other = two.here.client();
        let login = json!({"email": "password@example.com", "password": PASSWORD});
        other.post("/api/auth/login", login).send().await.expect(200);
        let change = json!({"current_password": PASSWORD, "new_password": "another long secret"});
        other.post("/api/auth/password", change).send().await.expect(204);
        two.assert_out(&ada, (401, 401)).await;

        let ada = two.person("removed").await;
        two.grace.delete(&two.member(&ada).await).send().await.expect(204);
        two.assert_out(&ada, (404, 401)).await;

        let ada = two.person("leaving").await;
        let path = format!("{}/leave", two.path());
        ada.client.raw("POST", &path).send().await.expect(204);
        two.assert_out(&ada, (404, 401)).await;

        let ada = two.person("locked").await;
        let me = ada.client.get("/api/auth/me").send().await.expect(200).json();
        let path = format!("/api/admin/users/{}", text(&me["id"]));
        two.root.patch(&path, json!({"is_active": false})).send().await.expect(200);
        two.assert_out(&ada, (401, 401)).await;
        // Whoever is let in again starts anew.
        two.root.patch(&path, json!({"is_active": true})).send().await.expect(200);
        two.assert_out(&ada, (401, 401)).await;

        let ada = two.person("closed").await;
        let path = format!("/api/admin/organizations/{}", two.place);
        two.root.patch(&path, json!({"is_active": false})).send().await.expect(200);
        two.assert_out(&ada, (404, 401)).await;
        two.grace.get(&two.path()).send().await.expect(404);
    }

    async fn a_demotion_here_is_a_demotion_there(database: TestDatabase) {
        let two = Two::new(database).await;
        let ada = two.person("ada").await;
        let path = two.path();
        let rename = async || {
            let client = two.there.client();
            let call = || client.patch(&path, json!({"name": "New"}));
            let token = format!("Bearer {}", text(&ada.token["token"]));
            let cookie = ada.client.cookies().expect("a session");
            let by_token = call().header("authorization", token).send().await;
            (call().header("cookie", cookie).send().await.status, by_token.status)
        };
        assert_eq!(rename().await, (200, 200));
        for (role, status) in [("member", 403), ("viewer", 403), ("owner", 200)] {
            let member = two.member(&ada).await;
            two.grace.patch(&member, json!({"role": role})).send().await.expect(200);
            assert_eq!(rename().await, (status, status), "{role}");
        }
    }
}
