//! A password reset that an operator has sent.

use serde_json::json;
use tenantry_testkit::{ApiClient, each_database};

use super::setup::{MailSetup, RESET, log_in, reset};
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
}
