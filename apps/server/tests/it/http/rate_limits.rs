//! Rate limits.

use serde_json::{Value, json};
use tenantry_core::access::Role;
use tenantry_testkit::{Answer, ApiClient, each_database};

use super::support::{PASSWORD, Setup};

/// Trusts a proxy on this host.
const PROXY: (&str, &str) = ("TENANTRY__SERVER__TRUSTED_PROXIES", "127.0.0.1");

async fn log_in(client: &ApiClient, address: &str, email: &str, password: &str) -> Answer {
    let login = json!({"email": email, "password": password});
    let attempt = client.post("/api/auth/login", login);
    attempt.header("X-Forwarded-For", address).send().await
}

/// Asserts a 429 with a `Retry-After` of more than a second.
fn assert_limited(answer: Answer) -> Answer {
    let answer = answer.expect(429);
    assert_eq!(answer.problem_code(), "rate_limited");
    let wait: Option<u32> = answer
        .header("retry-after")
        .and_then(|wait| wait.parse().ok());
    assert!(wait.is_some_and(|wait| wait > 1), "{answer}");
    answer
}

/// The problem without its request id.
fn problem(answer: &Answer) -> Value {
    let mut problem = answer.json();
    problem
        .as_object_mut()
        .expect("a problem")
        .remove("request_id");
    problem
}

each_database! {
    async fn logins_are_limited_per_address(db: TestDatabase) {
        let three = ("TENANTRY__LIMITS__LOGIN_PER_MINUTE", "3");
        let setup = Setup::with_env(db, &[three, PROXY]).await;
        setup.user("ada").await;
        let anonymous = setup.anonymous();
        for n in 0..3 {
            let email = format!("unknown{n}@example.com");
            log_in(&anonymous, "192.0.2.1", &email, "wrong password").await.expect(401);
        }
        assert_limited(log_in(&anonymous, "192.0.2.1", "ada@example.com", PASSWORD).await);
        // A forged first entry does not change the address that the proxy added.
        let invented = "198.51.100.7, 192.0.2.1";
        assert_limited(log_in(&anonymous, invented, "ada@example.com", PASSWORD).await);
        log_in(&anonymous, "192.0.2.2", "ada@example.com", PASSWORD).await.expect(200);
    }

    async fn logins_from_unknown_devices_are_limited_per_account_whether_or_not_it_exists(db: TestDatabase) {
        let three = ("TENANTRY__LIMITS__LOGIN_PER_HOUR_ACCOUNT", "3");
        let setup = Setup::with_env(db, &[three, PROXY]).await;
        setup.user("ada").await;
        setup.user("bob").await;
        let mut answers = Vec::new();
        for email in ["ada@example.com", "unknown@example.com"] {
            for n in 0..3 {
                let address = format!("192.0.2.{n}");
                log_in(&setup.anonymous(), &format!("198.51.100.1, {address}"), email, "wrong password").await;
            }
            // The address is case-insensitive.
            let uppercase = email.to_uppercase();
            let limited = log_in(&setup.anonymous(), "203.0.113.1", &uppercase, PASSWORD).await;
            answers.push(problem(&assert_limited(limited)));
        }
        assert_eq!(answers[0], answers[1]);
        log_in(&setup.anonymous(), "203.0.113.1", "bob@example.com", PASSWORD).await.expect(200);
    }

    async fn strangers_do_not_lock_a_person_out_of_a_known_device(db: TestDatabase) {
        let three = ("TENANTRY__LIMITS__LOGIN_PER_HOUR_ACCOUNT", "3");
        let setup = Setup::with_env(db, &[three, PROXY]).await;
        // The cookie jar of one who signed up, and one of another account.
        let (ada, bob) = (setup.user("ada").await, setup.user("bob").await);
        for n in 0..10 {
            log_in(&setup.anonymous(), &format!("192.0.2.{n}"), "ada@example.com", "wrong password").await;
        }
        assert_limited(log_in(&setup.anonymous(), "203.0.113.1", "ada@example.com", PASSWORD).await);
        // The device of another account is not known for this one.
        assert_limited(log_in(&bob, "203.0.113.2", "ada@example.com", PASSWORD).await);
        ada.raw("POST", "/api/auth/logout").send().await.expect(204);
        log_in(&ada, "203.0.113.3", "ada@example.com", PASSWORD).await.expect(200);
    }

    async fn a_known_device_guesses_no_more_than_its_own_limit(db: TestDatabase) {
        let three = ("TENANTRY__LIMITS__LOGIN_PER_MINUTE", "3");
        let setup = Setup::with_env(db, &[three, PROXY]).await;
        let ada = setup.user("ada").await;
        let mut limited = 0;
        for n in 0..10 {
            let answer = log_in(&ada, &format!("192.0.2.{n}"), "ada@example.com", "wrong password").await;
            limited += usize::from(answer.status == 429);
        }
        assert_eq!(limited, 7);
    }

    async fn the_cookie_of_a_device_is_no_credential_and_names_no_account(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let login = ada.post("/api/auth/login", json!({"email": "ada@example.com", "password": PASSWORD}));
        let answer = login.send().await.expect(200);
        let cookies: Vec<_> = answer.headers.get_all("set-cookie").into_iter().map(|cookie| cookie.to_str().expect("text").to_owned()).collect();
        let device = cookies.iter().find(|cookie| cookie.starts_with("tenantry_device=")).expect("a mark");
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=34560000"] {
            assert!(device.contains(attribute), "{device}");
        }
        assert!(!device.contains("ada") && !device.contains("example"), "{device}");
        let pair = device.split(';').next().expect("a pair");
        let me = setup.anonymous().get("/api/auth/me").header("Cookie", pair).send().await;
        me.expect(401);
    }

    async fn made_up_devices_are_unknown(db: TestDatabase) {
        let one = ("TENANTRY__LIMITS__LOGIN_PER_HOUR_ACCOUNT", "1");
        let setup = Setup::with_env(db, &[one, PROXY]).await;
        setup.user("ada").await;
        setup.user("bob").await;
        let attempt = async |cookie: &str| {
            let login = json!({"email": "ada@example.com", "password": "wrong password"});
            let call = setup.anonymous().post("/api/auth/login", login);
            call.header("Cookie", format!("tenantry_device={cookie}")).send().await
        };
        attempt("").await.expect(401);
        let device = setup.anonymous();
        let login = device.post("/api/auth/login", json!({"email": "bob@example.com", "password": PASSWORD}));
        let set = login.send().await.expect(200);
        let marks = set.headers.get_all("set-cookie").into_iter().filter_map(|set| set.to_str().ok());
        let of_another = marks.filter_map(|set| set.strip_prefix("tenantry_device=")?.split(';').next()).next();
        let of_another = of_another.expect("a mark").to_owned();
        assert_eq!(of_another.len(), 64, "{of_another}");
        for cookie in ["", "x", ".....", "-", &of_another, &"A".repeat(64), &"a".repeat(2000)] {
            assert_limited(attempt(cookie).await);
        }
    }

    async fn signups_are_limited_per_address(db: TestDatabase) {
        let two = ("TENANTRY__LIMITS__SIGNUP_PER_MINUTE", "2");
        let setup = Setup::with_env(db, &[two, PROXY]).await;
        setup.user("ada").await;
        setup.user("bob").await;
        let carl = || json!({"email": "carl@example.com", "password": PASSWORD, "name": "Carl"});
        let anonymous = setup.anonymous();
        assert_limited(anonymous.post("/api/auth/signup", carl()).send().await);
        let elsewhere = anonymous.post("/api/auth/signup", carl());
        elsewhere.header("X-Forwarded-For", "192.0.2.1").send().await.expect(201);
    }

    async fn invitations_are_limited_per_organization(db: TestDatabase) {
        let two = ("TENANTRY__LIMITS__INVITATIONS_PER_HOUR", "2");
        let setup = Setup::with_env(db, &[two]).await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let other = setup.organization(&ada, "other").await;
        let invite = async |organization: &str, name: &str| {
            let path = format!("/api/organizations/{organization}/invitations");
            let new = json!({"email": format!("{name}@example.com"), "role": "viewer"});
            ada.post(&path, new).send().await
        };
        let first = invite(&acme, "one").await.expect(201);
        invite(&acme, "two").await.expect(201);
        assert_limited(invite(&acme, "three").await);
        let id = first.json()["id"].as_str().expect("an id").to_owned();
        let resend = format!("/api/organizations/{acme}/invitations/{id}/resend");
        assert_limited(ada.raw("POST", &resend).send().await);
        invite(&other, "three").await.expect(201);
    }

    async fn requests_are_limited_per_caller_across_sessions(db: TestDatabase) {
        let five = ("TENANTRY__LIMITS__REQUESTS_PER_MINUTE_CALLER", "5");
        let setup = Setup::with_env(db, &[five, PROXY]).await;
        let elsewhere = |n: usize| format!("192.0.2.{n}");
        let mut clients = Vec::new();
        for (n, name) in ["ada", "bob"].into_iter().enumerate() {
            let client = setup.anonymous();
            let account = json!({"email": format!("{name}@example.com"), "password": PASSWORD, "name": name});
            let made = client.post("/api/auth/signup", account);
            made.header("X-Forwarded-For", elsewhere(n)).send().await.expect(201);
            clients.push(client);
        }
        let again = setup.anonymous();
        log_in(&again, &elsewhere(7), "ada@example.com", PASSWORD).await.expect(200);
        for n in 0..5 {
            let client = if n % 2 == 0 { &clients[0] } else { &again };
            client.get("/api/auth/me").send().await.expect(200);
        }
        assert_limited(clients[0].get("/api/auth/me").send().await);
        assert_limited(again.get("/api/organizations").send().await);
        clients[1].get("/api/auth/me").send().await.expect(200);
    }

    async fn token_guesses_are_limited(db: TestDatabase) {
        let three = ("TENANTRY__LIMITS__REQUESTS_PER_MINUTE_CALLER", "3");
        let setup = Setup::with_env(db, &[three]).await;
        let anonymous = setup.anonymous();
        let guess = |n: usize| {
            let guessed = format!("Bearer guess-{n}");
            anonymous.get("/api/projects").header("Authorization", &guessed).send()
        };
        for n in 0..3 {
            guess(n).await.expect(401);
        }
        assert_limited(guess(4).await);
        assert_limited(guess(5).await);
    }

    async fn unknown_paths_of_the_api_are_limited(db: TestDatabase) {
        let three = ("TENANTRY__LIMITS__REQUESTS_PER_MINUTE_CALLER", "3");
        let setup = Setup::with_env(db, &[three]).await;
        let anonymous = setup.anonymous();
        for path in ["/api/nowhere", "/api", "/api/projects/1/nothing"] {
            anonymous.get(path).send().await.expect(404);
        }
        assert_limited(anonymous.get("/api/elsewhere").send().await);
        anonymous.get("/nowhere").send().await.expect(404);
        anonymous.get("/health/live").send().await.expect(200);
    }

    async fn requests_are_limited_per_organization(db: TestDatabase) {
        let four = ("TENANTRY__LIMITS__REQUESTS_PER_MINUTE_ORGANIZATION", "4");
        let setup = Setup::with_env(db, &[four]).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "noisy").await;
        setup.organization(&ada, "quiet").await;
        let bob = setup.member("noisy", "bob", Role::Member).await;
        let list = async |client: &ApiClient, slug: &str| {
            client.get("/api/projects").organization(slug).send().await
        };
        for n in 0..4 {
            let client = if n % 2 == 0 { &ada } else { &bob };
            list(client, "noisy").await.expect(200);
        }
        assert_limited(list(&bob, "noisy").await);
        assert_limited(list(&ada, "noisy").await);
        list(&ada, "quiet").await.expect(200);
    }

    async fn password_attempts_within_a_session_are_limited(db: TestDatabase) {
        let two = ("TENANTRY__LIMITS__LOGIN_PER_MINUTE", "2");
        let setup = Setup::with_env(db, &[two]).await;
        let ada = setup.user("ada").await;
        let change = |current: &str| {
            let change = json!({"current_password": current, "new_password": "another long secret"});
            ada.post("/api/auth/password", change).send()
        };
        for _ in 0..2 {
            let refused = change("wrong password").await;
            assert_ne!(refused.status, 429);
            assert_ne!(refused.status, 204);
        }
        assert_limited(change(PASSWORD).await);
    }
}
