//! What the log says of a request.

use std::{
    io::{self, Write},
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::test::TestRequest;
use futures_util::FutureExt as _;
use serde_json::Value;
use tenantry_core::id::OrganizationId;
use tenantry_http::{
    Access, ConcurrencyLimiter, ConcurrencyLimits, EdgeConfig, NoContent, PathId, Problem, Routes,
};
use tokio::{sync::Semaphore, time::sleep};
use tracing_subscriber::fmt;

use crate::support::{send, send_under};

/// Collects what is logged.
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
    /// Removes and returns the lines so far.
    fn take(&self) -> Vec<Value> {
        let bytes = std::mem::take(&mut *self.0.lock().expect("not poisoned"));
        let text = String::from_utf8(bytes).expect("text");
        let lines = text.lines().map(serde_json::from_str);
        lines.map(|line| line.expect("JSON")).collect()
    }
}

/// The result of a request and the lines logged for it, which are of this number.
async fn logged<T>(number: usize, request: impl AsyncFn() -> T) -> (T, Vec<Value>) {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = fmt().json().with_writer(move || writer.clone()).finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    // Another test without a subscriber may have run first: its lack of interest stays cached until
    // the cache is rebuilt.
    for _ in 0..10 {
        tracing::callsite::rebuild_interest_cache();
        request().await;
        if kept.take().len() == number {
            break;
        }
    }
    let answer = request().await;
    let lines = kept.take();
    assert_eq!(lines.len(), number, "{lines:#?}");
    (answer, lines)
}

async fn panics(_: PathId<OrganizationId>) -> Result<NoContent, Problem> {
    panic!("as this test wants")
}

async fn fails() -> Result<NoContent, Problem> {
    Err(Problem::internal("as this test wants"))
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
        let request = async || send(&routes, TestRequest::get().uri(&path)).await;
        let (answer, lines) = logged(2, request).await;
        assert_eq!(answer.status.as_u16(), 500);
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

#[actix_web::test]
async fn the_duration_of_a_request_includes_its_wait_for_a_permit() {
    const WAIT: Duration = Duration::from_millis(20);
    let waited = |line: &Value| {
        let took = line["fields"]["duration_ms"].as_f64().expect("a number");
        assert!(took >= WAIT.as_secs_f64() * 1000.0, "{line}");
    };
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let routes = Routes::new()
        .get("/slow", Access::anyone(), move || {
            let held = Arc::clone(&held);
            async move {
                held.acquire().await.expect("open").forget();
                "late"
            }
        })
        .get("/quick", Access::anyone(), async || "early");
    let places = |requests| EdgeConfig {
        concurrency: ConcurrencyLimiter::new(ConcurrencyLimits {
            requests,
            per_tenant: 1,
        }),
        ..EdgeConfig::default()
    };
    let (one, none) = (places(1), places(0));

    let (answers, lines) = logged(2, async || {
        let slow = send_under(&one, &routes, TestRequest::get().uri("/slow"));
        let quick = send_under(&one, &routes, TestRequest::get().uri("/quick"));
        let (mut slow, mut quick) = (pin!(slow), pin!(quick));
        assert!(slow.as_mut().now_or_never().is_none(), "it has the permit");
        assert!(
            quick.as_mut().now_or_never().is_none(),
            "it waits for the permit"
        );
        sleep(WAIT).await;
        gate.add_permits(1);
        tokio::join!(slow, quick)
    })
    .await;
    let statuses = (answers.0.status.as_u16(), answers.1.status.as_u16());
    assert_eq!(statuses, (200, 200));
    assert_eq!(lines[1]["span"]["route"], "/quick");
    waited(&lines[1]);

    let request = async || send_under(&none, &routes, TestRequest::get().uri("/quick")).await;
    let (refused, lines) = logged(1, request).await;
    assert_eq!(refused.code(), (503, "overloaded".into()));
    assert_eq!(lines[0]["fields"]["message"], "no room");
    assert_eq!(
        lines[0]["fields"]["request_id"],
        refused.header("x-request-id")
    );
    waited(&lines[0]);
}
