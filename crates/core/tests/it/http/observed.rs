//! What the log says of a request.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use actix_web::test::TestRequest;
use serde_json::Value;
use tenantry_core::{
    http::{Access, NoContent, PathId, Problem, Routes},
    id::OrganizationId,
};
use tracing_subscriber::fmt;

use super::support::send;

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("not poisoned").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Kept {
    /// The lines so far, which it keeps no longer.
    fn take(&self) -> Vec<Value> {
        let bytes = std::mem::take(&mut *self.0.lock().expect("not poisoned"));
        let text = String::from_utf8(bytes).expect("text");
        let lines = text.lines().map(serde_json::from_str);
        lines.map(|line| line.expect("JSON")).collect()
    }
}

async fn panics(_: PathId<OrganizationId>) -> Result<NoContent, Problem> {
    panic!("as this test wants")
}

async fn fails() -> Result<NoContent, Problem> {
    Err(Problem::bug("as this test wants"))
}

#[actix_web::test]
async fn a_panic_and_a_bug_are_logged_with_the_id_of_their_request_and_not_its_path() {
    let id = "01890000-0000-7000-8000-000000000001";
    let routes = Routes::new()
        .get("/panics/{id}", Access::anyone(), panics)
        .get("/fails", Access::anyone(), fails);
    for (path, route, error) in [
        (
            format!("/panics/{id}"),
            "/panics/{id}",
            "a panic: as this test wants",
        ),
        ("/fails".to_owned(), "/fails", "as this test wants"),
    ] {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = fmt().json().with_writer(move || writer.clone()).finish();
        let logging = tracing::subscriber::set_default(subscriber);
        // Another test, which logs to nobody, may have come first: then that nobody listens is
        // remembered until it is looked at anew.
        while kept.take().len() < 2 {
            tracing::callsite::rebuild_interest_cache();
            send(&routes, TestRequest::get().uri(&path)).await;
        }
        let answer = send(&routes, TestRequest::get().uri(&path)).await;
        drop(logging);
        assert_eq!(answer.status.as_u16(), 500);

        let lines = kept.take();
        assert_eq!(lines.len(), 2, "{lines:#?}");
        for line in &lines {
            assert_eq!(line["span"]["request_id"], answer.header("x-request-id"));
            assert_eq!(line["span"]["route"], route);
            assert!(!line.to_string().contains(id), "{line}");
        }
        assert_eq!(lines[0]["fields"]["error"], error);
        assert_eq!(lines[1]["target"], "access");
        assert_eq!(lines[1]["fields"]["status"], 500);
    }
}
