//! A sequence of requests, and the expected responses.

use serde_json::json;
use tenantry_testkit::{Answer, ApiClient, Call};

use super::recorder::Recorder;

/// One session on both servers, sending one request after the other.
pub(super) struct Worker<'t> {
    /// Marks the projects of this worker.
    pub(super) name: String,
    /// The two servers.
    pub(super) servers: [ApiClient; 2],
    /// The slugs and ids of the two organizations.
    pub(super) organizations: &'t [(&'static str, String); 2],
    pub(super) recorder: &'t Recorder,
}

impl Worker<'_> {
    /// Names the organization in every request. The session is shared with other workers.
    pub(super) async fn by_header(&self, number: usize, rounds: usize) {
        for round in 0..rounds {
            let (slug, _) = self.organizations[(number + round) % 2];
            let (other, _) = self.organizations[(number + round + 1) % 2];
            let here = &self.servers[round % 2];
            let there = &self.servers[(round / 2) % 2];
            let send =
                |call: Call, slug, status| self.recorder.send(call.organization(slug), status);

            let name = format!("{slug} {} {round}", self.name);
            let made = send(here.post("/api/projects", json!({"name": name})), slug, 201).await;
            let id = self.record(slug, &made);
            let path = format!("/api/projects/{id}");
            let list = send(there.get("/api/projects"), slug, 200).await;
            self.check_list(slug, &list);
            let read = send(there.get(&path), slug, 200).await;
            self.check_name(slug, &read);
            send(here.get(&path), other, 404).await;
            let renamed = json!({"name": format!("{name} renamed")});
            send(there.patch(&path, &renamed), other, 404).await;
            let changed = send(there.patch(&path, &renamed), slug, 200).await;
            self.record(slug, &changed);
            let current = send(here.get("/api/organizations/current"), slug, 200).await;
            self.check_slug(slug, &current);
            if round % 3 == 0 {
                send(here.delete(&path), other, 404).await;
                send(there.delete(&path), slug, 204).await;
                self.recorder.remove(&id);
            }
        }
    }

    /// Switches back and forth in its own session. A switch on one server takes effect on the
    /// other immediately.
    pub(super) async fn by_switching(&self, number: usize, rounds: usize) {
        for round in 0..rounds {
            let (slug, ref organization) = self.organizations[(number + round) % 2];
            let here = &self.servers[round % 2];
            let there = &self.servers[(round + 1) % 2];
            let send = |call, status| self.recorder.send(call, status);

            let switch = format!("/api/organizations/{organization}/switch");
            send(here.raw("POST", &switch), 200).await;
            let current = send(there.get("/api/organizations/current"), 200).await;
            self.check_slug(slug, &current);
            let name = json!({"name": format!("{slug} {} {round}", self.name)});
            let made = send(there.post("/api/projects", name), 201).await;
            let id = self.record(slug, &made);
            let list = send(there.get("/api/projects?sort=name"), 200).await;
            self.check_list(slug, &list);
            let read = send(here.get(&format!("/api/projects/{id}")), 200).await;
            self.check_name(slug, &read);
        }
    }

    /// Lists in a session that another worker switches: every response must belong to a single
    /// organization, whichever it is.
    pub(super) async fn while_switched(&self, number: usize, rounds: usize) {
        for round in 0..rounds * 4 {
            let (_, organization) = &self.organizations[round % 2];
            let client = &self.servers[(number + round) % 2];
            if number == 0 {
                let switch = format!("/api/organizations/{organization}/switch");
                self.recorder.send(client.raw("POST", &switch), 200).await;
            } else {
                let list = self.recorder.send(client.get("/api/projects"), 200).await;
                let names = names(&list);
                let first = names.first().and_then(|name| name.split(' ').next());
                self.check_list(first.unwrap_or_default(), &list);
            }
        }
    }

    /// Records the project of this response. Returns its id.
    fn record(&self, slug: &str, answer: &Answer) -> String {
        let name = self.check_name(slug, answer);
        let body = answer.json();
        let id = body["id"].as_str().unwrap_or_default();
        self.recorder.add(id, slug, &name);
        id.to_owned()
    }

    fn check_name(&self, slug: &str, answer: &Answer) -> String {
        let body = answer.json();
        let name = body["name"].as_str().unwrap_or_default();
        let own = format!("{slug} {} ", self.name);
        if !name.starts_with(&own) {
            self.violation(slug, answer);
        }
        name.to_owned()
    }

    fn check_list(&self, slug: &str, answer: &Answer) {
        let own = format!("{slug} ");
        if !names(answer).iter().all(|name| name.starts_with(&own)) {
            self.violation(slug, answer);
        }
    }

    fn check_slug(&self, slug: &str, answer: &Answer) {
        if answer.json()["slug"] != slug {
            self.violation(slug, answer);
        }
    }

    fn violation(&self, slug: &str, answer: &Answer) {
        self.recorder.violation(format!("in {slug}: {answer}"));
    }
}

fn names(list: &Answer) -> Vec<String> {
    let body = list.json();
    let items = body["items"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let names = items
        .iter()
        .map(|item| item["name"].as_str().unwrap_or_default());
    names.map(str::to_owned).collect()
}
