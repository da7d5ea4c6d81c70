//! One user in two organizations, on two servers with one database, many concurrent requests and
//! few connections: no response and no write bleeds into the organization of another request.
//!
//! - [`traffic`]: the sessions, and how their requests interleave
//! - [`worker`]: a sequence of requests, and the expected responses
//! - [`recorder`]: counts and checks the responses

mod recorder;
mod traffic;
mod worker;

use tenantry_testkit::{Backend, TestDatabase, each_database};

use self::traffic::Traffic;
use crate::support::{Program, ServerProcess, TestServer};

/// Far fewer than concurrent requests.
const FEW_CONNECTIONS: (&str, &str) = ("TENANTRY__DATABASE__CONNECTIONS", "2");

each_database! {
    async fn two_servers_with_few_connections_isolate_organizations(db: TestDatabase) {
        let first = TestServer::start_as(&db, &[FEW_CONNECTIONS]).await;
        let second = TestServer::start_as(&db, &[FEW_CONNECTIONS]).await;
        let traffic = Traffic::between([first.client(), second.client()]).await;
        let recorder = traffic.run(4).await;
        println!("{:?}, two servers: {recorder}", db.backend());
        recorder.assert_isolated(&db, 1_000).await;
    }

    async fn two_processes_with_few_connections_isolate_organizations(db: TestDatabase) {
        let (name, value) = FEW_CONNECTIONS;
        let program = Program::on(&db)
            .with("TENANTRY__SERVER__PORT", "0")
            .with("TENANTRY__SERVER__WORKERS", "2")
            .with(name, value);
        let [first, second] = [(); 2].map(|()| ServerProcess::start(&program, "saas"));
        let traffic = Traffic::between([first.client(), second.client()]).await;
        let recorder = traffic.run(9).await;
        println!("{:?}, two processes: {recorder}", db.backend());
        recorder.assert_isolated(&db, 2_000).await;
    }
}

/// The tests above would detect a response or a write that bleeds.
#[tokio::test]
async fn a_project_in_the_wrong_organization_is_detected() {
    let db = TestDatabase::new(Backend::Sqlite).await;
    let server = TestServer::start_as(&db, &[FEW_CONNECTIONS]).await;
    let traffic = Traffic::between([server.client(), server.client()]).await;
    let recorder = traffic.run(1).await;
    assert_eq!(recorder.violations(), [""; 0]);
    assert_eq!(recorder.misplaced(&db).await, [""; 0]);

    let moved = "UPDATE projects SET
         organization_id = (SELECT id FROM organizations WHERE slug = 'alpha')
         WHERE id = (SELECT min(p.id) FROM projects p
                     JOIN organizations o ON o.id = p.organization_id WHERE o.slug = 'beta')";
    assert_eq!(db.execute(moved).await, 1);
    assert_eq!(recorder.misplaced(&db).await.len(), 2);

    let recorder = traffic.run(1).await;
    let of_alpha =
        |violation: &String| violation.contains("in alpha") && violation.contains("beta");
    assert!(
        recorder.violations().iter().any(of_alpha),
        "{:?}",
        recorder.violations()
    );
}
