//! One code, sent several times at once.

use std::sync::Arc;

use futures_util::future::join_all;
use tenantry_testkit::{TestFailpoints, each_database};

use super::person::{Person, check, complete, let_checks_age, show};
use crate::http::support::Setup;

fn succeeded(statuses: &[u16], status: u16) -> usize {
    statuses.iter().filter(|it| **it == status).count()
}

each_database! {
    async fn of_fifty_logins_with_one_code_one_succeeds(db: TestDatabase) {
        let failpoints = Arc::new(TestFailpoints::default());
        let setup = Setup::with_failpoints(db, Arc::clone(&failpoints) as _).await;
        let ada = Person::new(&setup, "ada").await;
        let mut clients = Vec::new();
        for _ in 0..50 {
            let client = setup.anonymous();
            ada.begin_login(&client).await.expect(200);
            clients.push(client);
        }
        let code = ada.code(&setup).await;
        // Each has compared the code before any of them uses it.
        let checked = failpoints.close("factors.checked");
        let attempts = clients.iter().map(|client| complete(client, &code));
        let (answers, ()) = tokio::join!(join_all(attempts), async {
            checked.reached(50).await;
            checked.open();
        });
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!((succeeded(&statuses, 200), succeeded(&statuses, 422)), (1, 49), "{statuses:?}");
    }

    async fn of_ten_uses_of_one_recovery_code_one_succeeds(db: TestDatabase) {
        let failpoints = Arc::new(TestFailpoints::default());
        let setup = Setup::with_failpoints(db, Arc::clone(&failpoints) as _).await;
        let ada = Person::new(&setup, "ada").await;
        let_checks_age(&setup).await;
        let checked = failpoints.close("factors.checked");
        let attempts = (0..10).map(|_| check(&ada.client, &ada.recovery[0]));
        let (answers, ()) = tokio::join!(join_all(attempts), async {
            checked.reached(10).await;
            checked.open();
        });
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!((succeeded(&statuses, 204), succeeded(&statuses, 422)), (1, 9), "{statuses:?}");
        assert_eq!(show(&ada.client).await["recovery_codes_left"], 9);
    }

    async fn of_ten_wrong_codes_at_once_five_are_looked_at(db: TestDatabase) {
        let failpoints = Arc::new(TestFailpoints::default());
        let setup = Setup::with_failpoints(db, Arc::clone(&failpoints) as _).await;
        let ada = Person::new(&setup, "ada").await;
        let client = setup.anonymous();
        ada.begin_login(&client).await.expect(200);
        let checked = failpoints.close("factors.checked");
        let wrong = "aaaa-aaaa-aaaa-aaaa-aaaa-aaaa";
        let attempts = (0..10).map(|_| complete(&client, wrong));
        let (answers, ()) = tokio::join!(join_all(attempts), async {
            checked.reached(10).await;
            checked.open();
        });
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!((succeeded(&statuses, 422), succeeded(&statuses, 401)), (5, 5), "{statuses:?}");
    }
}
