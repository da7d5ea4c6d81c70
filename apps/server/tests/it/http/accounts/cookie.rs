//! The session cookie.

use serde_json::json;
use tenantry_testkit::{Answer, each_database};

use crate::http::support::{PASSWORD, Setup};

/// The session cookie that a response sets: name, value and sorted attributes. The only other one marks
/// the device.
fn cookie(answer: &Answer) -> (String, String, Vec<String>) {
    let mut set = answer.headers.get_all("set-cookie").iter();
    let cookie = set.next().expect("a cookie").to_str().expect("text");
    let mark = set.next().and_then(|mark| mark.to_str().ok());
    assert!(
        mark.is_none_or(|mark| mark.contains("tenantry_device=")),
        "{answer}"
    );
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

    async fn other_cookies_are_ignored_whatever_they_hold(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let session = ada.cookies().expect("a session");
        let login = json!({"email": "ada@example.com", "password": PASSWORD});
        let others: [&[u8]; 12] = [
            b"other=caf\xe9",
            b"\xff\xfe=x",
            "caf\u{e9}=\u{1f36a}".as_bytes(),
            b"other=%ff%00%zz",
            b"%74enantry_session=x",
            b"Tenantry_session=x",
            b"tenantry_session2=x",
            "\u{2000}tenantry_session=x".as_bytes(),
            b"a=\"b, c\"",
            b"=x",
            b"nothing",
            b";;, ;=;",
        ];
        for other in others {
            let shown = String::from_utf8_lossy(other);
            for order in [[other, session.as_bytes()], [session.as_bytes(), other]] {
                let joined = order.join(&b"; "[..]);
                let me = setup.anonymous().get("/api/auth/me");
                assert_eq!(me.header("cookie", joined).send().await.status, 200, "{shown}");
                let lines = setup.anonymous().get("/api/auth/me").header("cookie", order[0]);
                assert_eq!(lines.header("cookie", order[1]).send().await.status, 200, "{shown}");
            }
            let alone = setup.anonymous().get("/api/auth/me").header("cookie", other).send().await;
            assert_eq!(alone.expect(401).problem_code(), "not_authenticated", "{shown}");
            let again = setup.anonymous().post("/api/auth/login", &login);
            assert_eq!(again.header("cookie", other).send().await.status, 200, "{shown}");
        }
    }

    async fn of_several_session_cookies_the_live_one_counts(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let live = setup.user("ada").await.cookies().expect("a session");
        let mut dead = Vec::new();
        for _ in 0..3 {
            let ended = setup.login("ada").await;
            dead.push(ended.cookies().expect("a session"));
            ended.raw("POST", "/api/auth/logout").send().await.expect(204);
        }
        let name = "tenantry_session";
        let garbage = [
            format!("{name}=left-from-last-year"),
            format!("{name}="),
            format!("{name}=%ff%00"),
            format!("{live}x"),
        ];
        let me = |cookies: String| setup.anonymous().get("/api/auth/me").header("cookie", cookies);
        for other in dead.iter().chain(&garbage).chain([&live]) {
            for cookies in [format!("{other}; {live}"), format!("{live}; {other}")] {
                let answer = me(cookies).send().await.expect(200);
                assert_eq!(answer.json()["email"], "ada@example.com", "{other}");
            }
            let lines = me(other.clone()).header("cookie", &live);
            lines.send().await.expect(200);
        }
        let unreadable = [format!("{name}=").as_bytes(), b"\xff; ", live.as_bytes()].concat();
        setup.anonymous().get("/api/auth/me").header("cookie", unreadable).send().await.expect(200);
        let all = [&dead[..], &garbage[..], &[live]].concat().join("; ");
        me(all).send().await.expect(200);
        let none = [&dead[..], &garbage[..]].concat().join("; ");
        let refused = me(none).send().await.expect(401);
        assert_eq!(refused.problem_code(), "invalid_credential");
    }

    async fn a_login_works_with_any_cookies_and_ends_the_sessions_they_name(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let bob = setup.user("bob").await.cookies().expect("a session");
        let cat = setup.user("cat").await.cookies().expect("a session");
        setup.user("ada").await;
        let elsewhere = setup.login("ada").await;
        let old = format!("{bob}; tenantry_session=x; {cat}");

        let login = json!({"email": "ada@example.com", "password": PASSWORD});
        let anonymous = setup.anonymous();
        anonymous.post("/api/auth/login", login).header("cookie", &old).send().await.expect(200);
        let new = anonymous.cookies().expect("a session");
        // The browser keeps the old ones and sends them first: they have a longer path.
        let me = setup.anonymous().get("/api/auth/me").header("cookie", format!("{old}; {new}"));
        assert_eq!(me.send().await.expect(200).json()["email"], "ada@example.com");
        setup.anonymous().get("/api/auth/me").header("cookie", &old).send().await.expect(401);
        elsewhere.get("/api/auth/me").send().await.expect(200);
    }

    async fn a_failed_login_ends_no_session(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let bob = setup.user("bob").await.cookies().expect("a session");
        let cat = setup.user("cat").await.cookies().expect("a session");
        let wrong = json!({"email": "bob@example.com", "password": "wrong password"});
        let login = setup.anonymous().post("/api/auth/login", wrong);
        login.header("cookie", format!("{bob}; {cat}")).send().await.expect(401);
        for cookie in [bob, cat] {
            setup.anonymous().get("/api/auth/me").header("cookie", cookie).send().await.expect(200);
        }
    }

    async fn a_logout_ends_every_session_that_the_request_names(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let bob = setup.user("bob").await.cookies().expect("a session");
        let cat = setup.user("cat").await.cookies().expect("a session");
        let both = format!("tenantry_session=x; {bob}; {cat}");
        let logout = setup.anonymous().raw("POST", "/api/auth/logout").header("cookie", &both);
        let (name, value, _) = cookie(&logout.send().await.expect(204));
        assert_eq!((name.as_str(), value.as_str()), ("tenantry_session", ""));
        setup.anonymous().get("/api/auth/me").header("cookie", both).send().await.expect(401);
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
