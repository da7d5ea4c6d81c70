//! Session lifetime, and the end of sessions.

use tenantry_testkit::{ApiClient, each_database};

use crate::{
    http::support::{Setup, assert_same},
    support::TestServer,
};

const LONG_AGO: &str = "2020-01-01T00:00:00+00:00";

async fn status(client: &ApiClient) -> u16 {
    client.get("/api/auth/me").send().await.status
}

each_database! {
    async fn a_session_expires_when_idle_and_at_its_maximum_age(db: TestDatabase) {
        let setup = Setup::new(db).await;
        for column in ["last_seen_at", "expires_at"] {
            let ada = setup.user(&column.replace("_at", "")).await;
            setup.organization(&ada, &column.replace('_', "-")).await;
            assert_eq!(status(&ada).await, 200);
            let aged = format!("UPDATE sessions SET {column} = '{LONG_AGO}'");
            setup.database.execute(&aged).await;

            let before = setup.tables().await;
            let over = ada.get("/api/auth/me").send().await.expect(401);
            assert_eq!(over.problem_code(), "invalid_credential");
            let forged = setup.anonymous();
            forged.set_cookies("tenantry_session=x");
            assert_same(&forged.get("/api/auth/me").send().await, &over);
            ada.get("/api/projects").send().await.expect(401);
            ada.raw("POST", "/api/auth/logout").send().await.expect(401);
            // A request does not revive it.
            assert_eq!(status(&ada).await, 401);
            setup.assert_unchanged(&before).await;
        }
    }

    async fn a_session_in_use_stays_active_until_its_maximum_age(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        // Six of the seven days that a session may be idle.
        let six_days_ago = chrono::Utc::now() - chrono::TimeDelta::days(6);
        let aged = format!("UPDATE sessions SET last_seen_at = '{}'", six_days_ago.to_rfc3339());
        setup.database.execute(&aged).await;
        let end = setup.database.query("SELECT expires_at FROM sessions").await;

        assert_eq!(status(&ada).await, 200);
        let seen = "SELECT count(*) AS n FROM sessions WHERE last_seen_at > ";
        let seen = format!("{seen}'{}'", (six_days_ago + chrono::TimeDelta::days(5)).to_rfc3339());
        assert_eq!(setup.database.number(&seen).await, 1);
        assert_eq!(setup.database.query("SELECT expires_at FROM sessions").await, end);
    }

    async fn expired_sessions_are_not_listed_and_deleted_at_the_next_login(db: TestDatabase) {
        let setup = Setup::new(db).await;
        setup.user("ada").await;
        let aged = format!("UPDATE sessions SET expires_at = '{LONG_AGO}'");
        setup.database.execute(&aged).await;
        let ada = setup.login("ada").await;
        assert_eq!(setup.database.number("SELECT count(*) AS n FROM sessions").await, 1);
        let listed = ada.get("/api/auth/sessions").send().await.expect(200).json();
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    }

    async fn a_session_works_and_ends_on_every_server(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let other = TestServer::start(&setup.database).await;
        let ada = setup.user("ada").await;
        let there = other.client();
        there.set_cookies(&ada.cookies().expect("a session"));
        assert_eq!(status(&there).await, 200);

        ada.raw("POST", "/api/auth/logout").send().await.expect(204);
        assert_eq!(status(&there).await, 401);
        other.stop().await;
    }
}
