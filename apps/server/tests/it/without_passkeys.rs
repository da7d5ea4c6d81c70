//! A build without the feature `passkeys`.

use tenantry::app;
use tenantry_testkit::each_database;

use crate::http::support::Setup;

each_database! {
    async fn without_passkeys_there_is_no_route_for_one(db: TestDatabase) {
        let routes = app::routes().infos();
        assert!(routes.iter().all(|route| !route.path.contains("passkey")));
        let setup = Setup::new(db).await;
        let begin = setup.anonymous().raw("POST", "/api/auth/login/passkey/begin");
        begin.send().await.expect(404);
    }
}
