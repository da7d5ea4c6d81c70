//! One person in two organizations, at two servers on one database, with many requests under
//! way at once and few connections: no answer and no write ever strays into the organization of
//! another request.
//!
//! - [`traffic`]: who asks, and how the requests interleave
//! - [`lane`]: what is asked one after the other, and what must be answered
//! - [`ledger`]: what was answered, counted and checked

mod lane;
mod ledger;
mod traffic;

use tenantry_testkit::{Backend, TestDatabase, each_database};

use self::traffic::Traffic;
use crate::support::{Program, ServerProcess, TestServer};

/// Fewer than there are requests under way, by far.
const FEW: (&str, &str) = ("TENANTRY__DATABASE__CONNECTIONS", "2");

each_database! {
    async fn two_servers_with_few_connections_keep_organizations_apart(db: TestDatabase) {
        let first = TestServer::start_as(&db, &[FEW]).await;
        let second = TestServer::start_as(&db, &[FEW]).await;
        let traffic = Traffic::between([first.client(), second.client()]).await;
        let ledger = traffic.run(4).await;
        println!("{:?}, two servers: {ledger}", db.backend());
        ledger.assert_kept_apart(&db, 1_000).await;
    }

    async fn two_processes_with_few_connections_keep_organizations_apart(db: TestDatabase) {
        let (name, value) = FEW;
        let program = Program::on(&db)
            .with("TENANTRY__SERVER__PORT", "0")
            .with("TENANTRY__SERVER__WORKERS", "2")
            .with(name, value);
        let [first, second] = [(); 2].map(|()| ServerProcess::start(&program, "saas"));
        let traffic = Traffic::between([first.client(), second.client()]).await;
        let ledger = traffic.run(9).await;
        println!("{:?}, two processes: {ledger}", db.backend());
        ledger.assert_kept_apart(&db, 2_000).await;
    }
}

/// What the tests above would say if an answer or a write strayed.
#[tokio::test]
async fn a_project_in_the_wrong_organization_is_noticed() {
    let db = TestDatabase::new(Backend::Sqlite).await;
    let server = TestServer::start_as(&db, &[FEW]).await;
    let traffic = Traffic::between([server.client(), server.client()]).await;
    let ledger = traffic.run(1).await;
    assert_eq!(ledger.strays(), [""; 0]);
    assert_eq!(ledger.misplaced(&db).await, [""; 0]);

    let moved = "UPDATE projects SET
         organization_id = (SELECT id FROM organizations WHERE slug = 'alpha')
         WHERE id = (SELECT min(p.id) FROM projects p
                     JOIN organizations o ON o.id = p.organization_id WHERE o.slug = 'beta')";
    assert_eq!(db.execute(moved).await, 1);
    assert_eq!(ledger.misplaced(&db).await.len(), 2);

    let ledger = traffic.run(1).await;
    let of_alpha = |stray: &String| stray.contains("in alpha") && stray.contains("beta");
    assert!(
        ledger.strays().iter().any(of_alpha),
        "{:?}",
        ledger.strays()
    );
}
