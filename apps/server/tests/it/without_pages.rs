//! A build without the feature `web`.

use tenantry_testkit::each_database;

use crate::http::support::Setup;

each_database! {
    async fn without_pages_every_error_is_a_problem_and_no_file_is_served(db: TestDatabase) {
        let setup = Setup::new(db).await;
        for path in ["/", "/login", "/o/acme", "/assets/style.css", "/admin"] {
            let answer = setup.anonymous().get(path).send().await.expect(404);
            assert_eq!(answer.problem_code(), "not_found", "{path}");
        }
    }
}
