//! A password reset that an operator has sent.

use std::sync::Arc;

use serde_json::json;
use tenantry_testkit::{ApiClient, Backend, ReceivedMail, TestFailpoints, each_database};

use super::setup::{MailSetup, RESET, forgot, log_in, reset};
use crate::http::support::{PASSWORD, RANDOM_ID};

const OTHER: &str = "another horse battery";

each_database! {
    async fn an_operator_has_a_link_mailed_and_the_password_stays_until_it_is_followed(db: TestDatabase) {
        let mail = MailSetup::new(db).await;
        let root = mail.setup.user("root").await;
        let flag = "UPDATE users SET is_staff = TRUE, is_superuser = TRUE WHERE email = 'root@example.com'";
        mail.setup.database.execute(flag).await;
        let ada = mail.setup.user("ada").await;
        let id = ada.get("/api/auth/me").send().await.expect(200).json()["id"].clone();
        let page = format!("/admin/people/{}", id.as_str().expect("an id"));
        let send = async |path: &str, client: &ApiClient| {
            client.raw("POST", path).form(&json!({})).send().await
        };
        send(&format!("{page}/send-reset"), &ada).await.expect(404);
        send(&format!("/admin/people/{RANDOM_ID}/send-reset"), &root).await.expect(404);
        let sent = send(&format!("{page}/send-reset"), &root).await.expect(303);
        assert_eq!(sent.header("location"), Some(format!("{page}?done=reset-sent").as_str()));
        let secret = mail.secret("ada", RESET, 1).await;
        // Reading goes on in the session that there is.
        ada.patch("/api/auth/me", json!({"name": "Ada"})).send().await.expect(200);
        let stranger = mail.setup.anonymous();
        reset(&stranger, &secret, OTHER).await.expect(204);
        log_in(&stranger, "ada@example.com", PASSWORD).await.expect(401);
        log_in(&stranger, "ada@example.com", OTHER).await.expect(200);

        let disable = "UPDATE users SET is_active = FALSE WHERE email = 'ada@example.com'";
        mail.setup.database.execute(disable).await;
        send(&format!("{page}/send-reset"), &root).await.expect(404);
        mail.settled().await;
        assert_eq!(mail.mails.to("ada@example.com", RESET).len(), 1);
    }

    async fn an_operator_and_the_owner_who_ask_for_a_link_at_the_same_time_both_get_one(db: TestDatabase) {
        let failpoints = Arc::new(TestFailpoints::default());
        // SQLite has one writer, so the second one begins after the first.
        let together = match db.backend() {
            Backend::Sqlite => 1,
            Backend::Postgres => 2,
        };
        let mail = MailSetup::with_failpoints(db, Arc::clone(&failpoints) as _).await;
        let root = mail.setup.user("root").await;
        let flag = "UPDATE users SET is_staff = TRUE, is_superuser = TRUE WHERE email = 'root@example.com'";
        mail.setup.database.execute(flag).await;
        let ada = mail.setup.user("ada").await;
        let id = ada.get("/api/auth/me").send().await.expect(200).json()["id"].clone();
        let path = format!("/admin/people/{}/send-reset", id.as_str().expect("an id"));
        let counted = failpoints.close("links.counted");
        let stranger = mail.setup.anonymous();
        let (sent, asked, ()) = tokio::join!(
            root.raw("POST", &path).form(&json!({})).send(),
            forgot(&stranger, "ada@example.com"),
            async {
                counted.reached(together).await;
                counted.open();
            }
        );
        sent.expect(303);
        asked.expect(202);
        mail.settled().await;
        // The newer one replaced the older one, which may have been mailed before.
        let secrets = mail.mails.to("ada@example.com", RESET);
        let mut good = 0;
        for secret in secrets.iter().map(ReceivedMail::secret) {
            good += usize::from(reset(&stranger, &secret, OTHER).await.status == 204);
        }
        assert_eq!(good, 1, "of {}", secrets.len());
    }
}
