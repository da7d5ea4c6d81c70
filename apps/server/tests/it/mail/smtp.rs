//! Mails to a real mail server, with STARTTLS and a sign-in.

use std::collections::BTreeSet;

use serde_json::json;
use tenantry_testkit::{Mailbox, SmtpServer, each_database};

use super::setup::{RESET, forgot, reset};
use crate::http::support::{PASSWORD, Setup, settled};

async fn server(database: tenantry_testkit::TestDatabase, smtp: &SmtpServer) -> Setup {
    let url = smtp.url();
    let variables = [
        ("TENANTRY__MAIL__URL", url.as_str()),
        (
            "TENANTRY__MAIL__FROM",
            "Acme Accounts <no-reply@acme.example>",
        ),
    ];
    Setup::with_env(database, &variables).await
}

each_database! {
    async fn a_link_that_a_mail_server_took_resets_the_password(db: TestDatabase) {
        let smtp = SmtpServer::start();
        let setup = server(db, &smtp).await;
        setup.user("ada").await;
        let client = setup.anonymous();
        forgot(&client, "ada@example.com").await.expect(202);
        let mails = Mailbox::of(&smtp.mails());
        let sent = mails.wait("ada@example.com", RESET, 1).await;
        let from = sent[0].header("From");
        assert!(from.contains("Acme Accounts") && from.contains("<no-reply@acme.example>"), "{from}");
        assert_eq!(sent[0].header("Auto-Submitted"), "auto-generated");
        assert!(sent[0].header("Message-ID").ends_with("@acme.example>"));
        assert!(sent[0].html.contains(&sent[0].secret()));
        reset(&client, &sent[0].secret(), PASSWORD).await.expect(204);
    }

    async fn mails_that_are_queued_while_the_server_is_away_all_arrive(db: TestDatabase) {
        const PEOPLE: usize = 200;
        let mut smtp = SmtpServer::start();
        let setup = server(db, &smtp).await;
        for number in 0..PEOPLE {
            setup.user(&format!("person-{number}")).await;
        }
        let client = setup.anonymous();
        smtp.kill();
        for number in 0..PEOPLE {
            forgot(&client, &format!("person-{number}@example.com")).await.expect(202);
            if number == PEOPLE / 2 {
                smtp.restart();
            }
            if number == PEOPLE * 3 / 4 {
                smtp.kill();
            }
        }
        smtp.restart();
        settled(&setup.database).await;
        let mails = Mailbox::of(&smtp.mails());
        for number in 0..PEOPLE {
            let address = format!("person-{number}@example.com");
            let sent = mails.to(&address, RESET);
            assert!(!sent.is_empty(), "{address} got no mail");
            // One that was sent twice is the same mail.
            let ids: BTreeSet<_> = sent.iter().map(|mail| mail.header("Message-ID")).collect();
            assert_eq!(ids.len(), 1, "{ids:?}");
        }
        let dead = "SELECT count(*) AS n FROM event_deliveries WHERE dead_at IS NOT NULL";
        assert_eq!(setup.database.number(dead).await, 0);
    }

    async fn a_mail_that_is_refused_for_good_is_a_dead_letter_and_delays_no_other(db: TestDatabase) {
        let smtp = SmtpServer::start();
        let setup = server(db, &smtp).await;
        let ada = setup.user("rejected").await;
        setup.user("busy").await;
        setup.user("bob").await;
        let client = setup.anonymous();
        for name in ["busy", "rejected", "bob"] {
            forgot(&client, &format!("{name}@example.com")).await.expect(202);
        }
        Mailbox::of(&smtp.mails()).wait("bob@example.com", RESET, 1).await;
        let dead = "SELECT count(*) AS n FROM event_deliveries
                    WHERE dead_at IS NOT NULL AND listener = 'mail.send'";
        while setup.database.number(dead).await == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let letters = setup.server.app.deliveries().dead_letters(Some("mail.send")).await;
        let letters = letters.expect("dead letters");
        assert_eq!(letters.len(), 1);
        let error = letters[0].last_error.as_deref().unwrap_or_default();
        assert!(error.contains("no such mailbox"), "{error}");
        // The account is as usable as before.
        ada.patch("/api/auth/me", json!({"name": "Ada"})).send().await.expect(200);
    }
}
