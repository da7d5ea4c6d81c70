//! The session cookie.

use serde_json::json;
use tenantry_testkit::{Answer, each_database};

use crate::http::support::{PASSWORD, Setup};

/// The one cookie that a response sets: name, value and sorted attributes.
fn cookie(answer: &Answer) -> (String, String, Vec<String>) {
    let mut set = answer.headers.get_all("set-cookie").iter();
    let cookie = set.next().expect("a cookie").to_str().expect("text");
    assert_eq!(set.next(), None, "{answer}");
    let (pair, attributes) = cookie.split_once("; ").expect("attributes");
    let (name, value) = pair.split_once('=').expect("a value");
    let mut attributes: Vec<_> = attributes.split("; ").map(ToOwned::to_owned).collect();
    attributes.sort();
    (name.to_owned(), value.to_owned(), attributes)
}

each_database! {
    async fn the_session_cookie_is_http_only_and_same_site(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let account = json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada"});
        let signup = setup.anonymous().post("/api/auth/signup", &account).send().await.expect(201);
        let login = json!({"email": "ada@example.com", "password": PASSWORD});
        let login = setup.anonymous().post("/api/auth/login", login).send().await.expect(200);
        for answer in [signup, login] {
            let (name, _, attributes) = cookie(&answer);
            assert_eq!(name, "tenantry_session");
            assert_eq!(attributes, ["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Lax"]);
        }
    }

    async fn over_https_the_cookie_has_the_host_prefix(db: TestDatabase) {
        let public = [("TENANTRY__SERVER__PUBLIC_URL", "https://app.example.com")];
        let setup = Setup::with_env(db, &public).await;
        let account = json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada"});
        let signup = setup.anonymous().post("/api/auth/signup", &account).send().await.expect(201);
        let (name, value, attributes) = cookie(&signup);
        assert_eq!(name, "__Host-tenantry_session");
        let expected = ["HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Lax", "Secure"];
        assert_eq!(attributes, expected);

        let me = |cookie: String| setup.anonymous().get("/api/auth/me").header("cookie", cookie).send();
        me(format!("{name}={value}")).await.expect(200);
        // A cookie that a sibling host could set is ignored.
        me(format!("tenantry_session={value}")).await.expect(401);
        me(format!("__host-tenantry_session={value}")).await.expect(401);
        me(format!("%5F_Host-tenantry_session={value}")).await.expect(401);
    }

    async fn an_altered_cookie_is_rejected(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let cookie = ada.cookies().expect("a session");
        let (name, value) = cookie.split_once('=').expect("a value");
        let me = |value: &str| {
            let call = setup.anonymous().get("/api/auth/me");
            call.header("cookie", format!("{name}={value}")).send()
        };
        me(value).await.expect(200);

        let before = setup.tables().await;
        for position in [0, value.len() / 2, value.len() - 1] {
            let mut altered = value.to_owned();
            let other = if altered.as_bytes()[position] == b'a' { "b" } else { "a" };
            altered.replace_range(position..=position, other);
            me(&altered).await.expect(401);
        }
        // The key without its signature, and the stored hash.
        let key = &value[value.len() - 64..];
        let hash = setup.database.query("SELECT key_hash FROM sessions").await;
        let hash = hash[0]["key_hash"].as_str().expect("text").to_owned();
        for bad in [key, &hash, "", "x", &value[1..], &value.repeat(2), &"a".repeat(4_000)] {
            me(bad).await.expect(401);
        }
        setup.assert_unchanged(&before).await;
    }

    async fn the_session_key_is_only_in_the_cookie(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let client = setup.anonymous();
        let account = json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada"});
        let signup = client.post("/api/auth/signup", &account).send().await.expect(201);
        let (_, value, _) = cookie(&signup);
        let key = &value[value.len() - 64..];
        assert!(key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{value}");

        let tables = setup.tables().await;
        assert!(tables.contains_text("ada@example.com"));
        assert!(!tables.contains_text(key));
        assert!(!tables.contains_text(PASSWORD));
        assert!(!signup.stable_body().contains(key));
        for path in ["/api/auth/me", "/api/auth/sessions"] {
            let answer = client.get(path).send().await.expect(200);
            assert!(!answer.stable_body().contains(key), "{answer}");
            assert!(answer.header("set-cookie").is_none(), "{answer}");
        }
    }
}
