//! What happens when the same link, or the same address, is used several times at once.

use std::sync::Arc;

use futures_util::future::join_all;
use serde_json::json;
use tenantry_testkit::{TestFailpoints, each_database};

use super::setup::{MailSetup, NEW_ADDRESS, VERIFICATION, log_in, me, reset, verify};
use crate::http::support::PASSWORD;

each_database! {
    async fn one_link_sets_one_of_several_passwords(db: TestDatabase) {
        let failpoints = Arc::new(TestFailpoints::default());
        let mail = MailSetup::with_failpoints(db, Arc::clone(&failpoints) as _).await;
        mail.setup.user("ada").await;
        let secret = mail.forgot("ada", 1).await;
        let found = failpoints.close("links.found");
        let client = mail.setup.anonymous();
        let passwords: Vec<_> = (0..3).map(|n| format!("horse battery staple {n}")).collect();
        let attempts = passwords.iter().map(|password| reset(&client, &secret, password));
        let (answers, ()) = tokio::join!(join_all(attempts), async {
            found.reached(3).await;
            found.open();
        });
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        let count = |status| statuses.iter().filter(|it| **it == status).count();
        assert_eq!((count(204), count(410)), (1, 2), "{statuses:?}");
        let winner = statuses.iter().position(|status| *status == 204).expect("one");
        let client = mail.setup.anonymous();
        log_in(&client, "ada@example.com", &passwords[winner]).await.expect(200);
    }

    async fn one_link_that_is_used_fifty_times_at_once_works_once(db: TestDatabase) {
        let mail = MailSetup::new(db).await;
        mail.setup.user("ada").await;
        let secret = mail.forgot("ada", 1).await;
        let client = mail.setup.anonymous();
        let attempts = (0..50).map(|_| reset(&client, &secret, PASSWORD));
        let answers = join_all(attempts).await;
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        let won = statuses.iter().filter(|status| **status == 204).count();
        assert_eq!(won, 1, "{statuses:?}");
        // The queue for hashing is bounded.
        let others = statuses.iter().filter(|status| [410, 429].contains(status)).count();
        assert_eq!(others, 49, "{statuses:?}");
    }

    async fn of_two_changes_to_one_address_one_wins(db: TestDatabase) {
        let failpoints = Arc::new(TestFailpoints::default());
        let mail = MailSetup::with_failpoints(db, Arc::clone(&failpoints) as _).await;
        let mut people = Vec::new();
        for (count, name) in (1..).zip(["ada", "bob"]) {
            let client = mail.setup.user(name).await;
            let body = json!({"email": "new@example.com", "current_password": PASSWORD});
            client.post("/api/auth/email", body).send().await.expect(202);
            people.push((client, mail.secret("new", NEW_ADDRESS, count).await));
        }
        let found = failpoints.close("links.found");
        let stranger = mail.setup.anonymous();
        let follow = people.iter().map(|(_, secret)| verify(&stranger, secret));
        let (answers, ()) = tokio::join!(join_all(follow), async {
            found.reached(2).await;
            found.open();
        });
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409]);
        let mut owners = 0;
        for (client, _) in &people {
            let profile = me(client).await.expect(200).json();
            owners += u32::from(profile["email"] == "new@example.com");
        }
        assert_eq!(owners, 1);
    }

    async fn a_link_that_is_replaced_while_it_is_followed_is_dead(db: TestDatabase) {
        let failpoints = Arc::new(TestFailpoints::default());
        let mail = MailSetup::with_failpoints(db, Arc::clone(&failpoints) as _).await;
        let ada = mail.setup.user("ada").await;
        let request = async || {
            let call = ada.raw("POST", "/api/auth/email/verification");
            call.send().await.expect(202);
        };
        request().await;
        let secret = mail.secret("ada", VERIFICATION, 1).await;
        let found = failpoints.close("links.found");
        let stranger = mail.setup.anonymous();
        let (followed, ()) = tokio::join!(verify(&stranger, &secret), async {
            found.reached(1).await;
            request().await;
            found.open();
        });
        followed.expect(410);
        let newer = mail.secret("ada", VERIFICATION, 2).await;
        verify(&stranger, &newer).await.expect(204);
    }

    async fn two_first_requests_for_one_address_both_succeed(db: TestDatabase) {
        let mail = MailSetup::new(db).await;
        let client = mail.setup.anonymous();
        for number in 0..5 {
            let email = format!("unknown-{number}@example.com");
            let both = (0..4).map(|_| super::setup::forgot(&client, &email));
            for answer in join_all(both).await {
                answer.expect(202);
            }
        }
    }
}
