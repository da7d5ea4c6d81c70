//! The writers, and their acknowledged writes.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::json;
use tenantry_testkit::ApiClient;
use tokio::task::JoinHandle;

/// The writes that a client got a success response for.
#[derive(Default)]
pub(super) struct Acknowledged {
    pub(super) organizations: Vec<String>,
    pub(super) projects: Vec<String>,
}

impl Acknowledged {
    pub(super) fn add(&mut self, more: Self) {
        self.organizations.extend(more.organizations);
        self.projects.extend(more.projects);
    }

    pub(super) fn count(&self) -> usize {
        self.organizations.len() + self.projects.len()
    }
}

/// A signed-in client whose session outlives the servers.
pub(super) struct Writer {
    number: usize,
    cookies: String,
}

impl Writer {
    pub(super) async fn sign_up(url: &str, number: usize) -> Self {
        let client = ApiClient::new(url);
        let account = json!({
            "email": format!("writer{number}@example.com"), "name": "W",
            "password": "correct horse battery",
        });
        client
            .post("/api/auth/signup", account)
            .send()
            .await
            .expect(201);
        let cookies = client.cookies().expect("a session");
        Self { number, cookies }
    }

    /// Creates organizations, and a project in each, until the server is gone. Counts successes.
    pub(super) fn write(
        &self,
        url: &str,
        round: usize,
        count: &Arc<AtomicUsize>,
    ) -> JoinHandle<Acknowledged> {
        let count = Arc::clone(count);
        let client = ApiClient::new(url);
        client.set_cookies(&self.cookies);
        let number = self.number;
        tokio::spawn(async move {
            let mut done = Acknowledged::default();
            for n in 0.. {
                let slug = format!("o-{number}-{round}-{n}");
                let new = json!({ "name": slug, "slug": slug });
                match client.post("/api/organizations", new).try_send().await {
                    Err(_) => break,
                    Ok(answer) => answer.expect(201),
                };
                done.organizations.push(slug.clone());
                count.fetch_add(1, Ordering::SeqCst);
                let name = format!("p-{number}-{round}-{n}");
                let new = client.post("/api/projects", json!({ "name": name }));
                match new.organization(&slug).try_send().await {
                    Err(_) => break,
                    Ok(answer) => answer.expect(201),
                };
                done.projects.push(name);
                count.fetch_add(1, Ordering::SeqCst);
            }
            done
        })
    }
}
