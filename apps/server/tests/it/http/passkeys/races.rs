//! One challenge, answered several times at once.

use std::sync::Arc;

use futures_util::future::join_all;
use tenantry_testkit::{TestFailpoints, each_database};

use super::person::{Person, add, authenticator, begin_login, begun, finish, finish_login, show};
use crate::http::support::Setup;

fn count(statuses: &[u16], status: u16) -> usize {
    statuses.iter().filter(|it| **it == status).count()
}

each_database! {
    async fn of_fifty_logins_with_one_challenge_one_succeeds(db: TestDatabase) {
        let failpoints = Arc::new(TestFailpoints::default());
        let setup = Setup::with_failpoints(db, Arc::clone(&failpoints) as _).await;
        let ada = Person::new(&setup, "ada").await;
        let first = setup.anonymous();
        let credential = ada.authenticator.get(&begin_login(&first).await);
        let cookies = first.cookies().expect("the cookie of the login");
        let clients: Vec<_> = (0..50).map(|_| {
            let client = setup.anonymous();
            client.set_cookies(&cookies);
            client
        }).collect();
        // Each has verified the signature before any of them uses the challenge.
        let verified = failpoints.close("passkeys.verified");
        let attempts = clients.iter().map(|client| finish_login(client, credential.clone()));
        let (answers, ()) = tokio::join!(join_all(attempts), async {
            verified.reached(50).await;
            verified.open();
        });
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!((count(&statuses, 200), count(&statuses, 401)), (1, 49), "{statuses:?}");
    }

    async fn of_ten_passkeys_for_one_challenge_one_is_added(db: TestDatabase) {
        let failpoints = Arc::new(TestFailpoints::default());
        let setup = Setup::with_failpoints(db, Arc::clone(&failpoints) as _).await;
        let ada = setup.user("ada").await;
        let options = begun(&ada).await;
        let verified = failpoints.close("passkeys.verified");
        let attempts = (0..10).map(|_| finish(&ada, authenticator(&setup).create(&options)));
        let (answers, ()) = tokio::join!(join_all(attempts), async {
            verified.reached(10).await;
            verified.open();
        });
        let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!((count(&statuses, 201), count(&statuses, 422)), (1, 9), "{statuses:?}");
        assert_eq!(show(&ada).await["passkeys"].as_array().map(Vec::len), Some(1));
    }

    async fn two_first_passkeys_at_once_leave_one_list_of_recovery_codes(db: TestDatabase) {
        let failpoints = Arc::new(TestFailpoints::default());
        let setup = Setup::with_failpoints(db, Arc::clone(&failpoints) as _).await;
        let ada = setup.user("ada").await;
        let verified = failpoints.close("passkeys.verified");
        let (mut phone, mut laptop) = (authenticator(&setup), authenticator(&setup));
        let attempts = [add(&ada, &mut phone), add(&ada, &mut laptop)];
        let (answers, ()) = tokio::join!(join_all(attempts), async {
            verified.reached(2).await;
            verified.open();
        });
        let with_codes = answers.iter().filter(|answer| answer.json()["recovery_codes"].is_array());
        assert_eq!(with_codes.count(), 1);
        let shown = show(&ada).await;
        assert_eq!(shown["recovery_codes_left"], 10);
        assert_eq!(shown["passkeys"].as_array().map(Vec::len), Some(2));
    }
}
