//! Whether an address has an account is not seen from outside: pairs of requests that differ in that
//! alone get equal responses after equal times.
//!
//! Asserted are the responses. The times are printed, and asserted in the long form alone, where there are
//! enough of them: `TENANTRY_PAIRS` sets how many pairs each kind of request gets.

use std::time::{Duration, Instant};

use serde_json::json;
use tenantry_testkit::{Answer, ApiClient, each_database};

use super::setup::{MailSetup, forgot, log_in};
use crate::http::support::{PASSWORD, assert_same};

const REQUIRED: [(&str, &str); 1] = [("TENANTRY__AUTH__EMAIL_VERIFICATION", "required")];

/// How many pairs are measured, of which form.
fn configured() -> (usize, bool) {
    let pairs = std::env::var("TENANTRY_PAIRS").ok();
    let pairs = pairs.map(|pairs| pairs.parse().expect("a number of pairs"));
    (pairs.unwrap_or(12), pairs.is_some())
}

/// What both of a pair ask for.
#[derive(Clone, Copy, Debug)]
enum Asked {
    Forgot,
    LogIn,
    SignUp,
}

impl Asked {
    async fn send(self, client: &ApiClient, email: &str) -> Answer {
        match self {
            Self::Forgot => forgot(client, email).await,
            Self::LogIn => log_in(client, email, "another horse battery").await,
            Self::SignUp => {
                let account = json!({"email": email, "password": PASSWORD, "name": "Ada"});
                client.post("/api/auth/signup", account).send().await
            }
        }
    }
}

/// The times of one kind of request, for known and for unknown addresses.
#[derive(Default)]
struct Times {
    known: Vec<Duration>,
    unknown: Vec<Duration>,
}

impl Times {
    /// The difference of the medians, and the spread between the first and the third quarter.
    fn compared(&mut self) -> (Duration, Duration) {
        self.known.sort();
        self.unknown.sort();
        let at = |times: &[Duration], percent: usize| times[times.len() * percent / 100];
        let spread = |times: &[Duration]| at(times, 75) - at(times, 25);
        let difference = at(&self.known, 50).abs_diff(at(&self.unknown, 50));
        (difference, spread(&self.known).max(spread(&self.unknown)))
    }
}

each_database! {
    async fn known_and_unknown_addresses_get_equal_responses_after_equal_times(db: TestDatabase) {
        let (pairs, is_long) = configured();
        let mail = MailSetup::with_env(db, &REQUIRED).await;
        let client = mail.setup.anonymous();
        let backend = mail.setup.database.backend();
        for asked in [Asked::Forgot, Asked::LogIn, Asked::SignUp] {
            let mut times = Times::default();
            for pair in 0..pairs {
                // Each address is asked for once: the second request of one has a row to replace.
                let known = format!("known-{asked:?}-{pair}@example.com");
                Asked::SignUp.send(&client, &known).await.expect(202);
                let unknown = format!("other-{asked:?}-{pair}@example.com");
                let mut both = [(&known, true), (&unknown, false)];
                // Neither is always the first.
                both.rotate_left(pair % 2);
                let mut answers = Vec::new();
                for (email, is_known) in both {
                    let start = Instant::now();
                    answers.push(asked.send(&client, email).await);
                    let of = if is_known { &mut times.known } else { &mut times.unknown };
                    of.push(start.elapsed());
                }
                assert_same(&answers[0], &answers[1]);
            }
            let (difference, spread) = times.compared();
            println!("{backend:?} {asked:?}: {pairs} pairs, medians differ by {difference:?}, spread {spread:?}");
            assert!(!is_long || difference * 10 < spread, "{asked:?} tells known addresses by its time");
        }
    }
}
