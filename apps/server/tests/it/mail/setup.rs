//! A server whose mails are files.

use std::{
    env, fs,
    path::PathBuf,
    process,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::json;
use tenantry::app::App;
use tenantry_core::runtime::{Failpoints, Runtime};
use tenantry_testkit::{Answer, ApiClient, Mailbox, TestDatabase};
use tenantry_users::PasswordCost;

use crate::{
    http::support::{Setup, settled},
    support::TestServer,
};

/// The subjects of the mails.
pub(super) const RESET: &str = "Choose a new password";
pub(super) const VERIFICATION: &str = "Confirm your e-mail address";
pub(super) const NEW_ADDRESS: &str = "Confirm your new e-mail address";

/// A server, and the folder that its mails go to.
pub(super) struct MailSetup {
    pub(super) setup: Setup,
    pub(super) mails: Mailbox,
    folder: PathBuf,
}

impl MailSetup {
    pub(super) async fn new(database: TestDatabase) -> Self {
        Self::with_env(database, &[]).await
    }

    pub(super) async fn with_env(database: TestDatabase, variables: &[(&str, &str)]) -> Self {
        let folder = new_folder();
        let url = format!("file://{}", folder.display());
        let mut all = vec![("TENANTRY__MAIL__URL", url.as_str())];
        all.extend(variables);
        Self {
            setup: Setup::with_env(database, &all).await,
            mails: Mailbox::of(&folder),
            folder,
        }
    }

    pub(super) async fn with_failpoints(
        database: TestDatabase,
        failpoints: Arc<dyn Failpoints>,
    ) -> Self {
        let folder = new_folder();
        let mut settings = TestServer::settings(&database);
        let url = format!("file://{}", folder.display());
        settings.mail.url = url.parse().expect("an address");
        let runtime = Runtime::system().with_failpoints(failpoints);
        let app = App::open(&settings, runtime, PasswordCost::minimal()).await;
        let server = TestServer::of(app.expect("the test's database"), &settings);
        Self {
            setup: Setup { server, database },
            mails: Mailbox::of(&folder),
            folder,
        }
    }

    /// Waits until every delivery was made or is a dead letter.
    pub(super) async fn settled(&self) {
        settled(&self.setup.database).await;
    }

    /// The secret of the newest of `count` mails.
    pub(super) async fn secret(&self, name: &str, subject: &str, count: usize) -> String {
        let address = format!("{name}@example.com");
        self.mails.secret(&address, subject, count).await
    }

    /// Asks for a reset, and takes the secret out of the mail.
    pub(super) async fn forgot(&self, name: &str, count: usize) -> String {
        let email = format!("{name}@example.com");
        forgot(&self.setup.anonymous(), &email).await.expect(202);
        self.secret(name, RESET, count).await
    }
}

impl Drop for MailSetup {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.folder));
    }
}

fn new_folder() -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    env::temp_dir().join(format!("mails-{}-{count}", process::id()))
}

pub(super) async fn forgot(client: &ApiClient, email: &str) -> Answer {
    let body = json!({"email": email});
    client.post("/api/auth/password/forgot", body).send().await
}

pub(super) async fn reset(client: &ApiClient, secret: &str, password: &str) -> Answer {
    let body = json!({"token": secret, "new_password": password});
    client.post("/api/auth/password/reset", body).send().await
}

pub(super) async fn verify(client: &ApiClient, secret: &str) -> Answer {
    let body = json!({"token": secret});
    client.post("/api/auth/email/verify", body).send().await
}

pub(super) async fn log_in(client: &ApiClient, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    client.post("/api/auth/login", body).send().await
}

/// Whether the client is signed in, and its profile.
pub(super) async fn me(client: &ApiClient) -> Answer {
    client.get("/api/auth/me").send().await
}
