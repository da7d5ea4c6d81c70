//! One test on every database.

use crate::{Backend, TestDatabase};

/// Generates two tests from one: `the_test::sqlite` and `the_test::postgres`.
///
/// Each gets its own migrated database and a runtime with two workers.
///
/// ```
/// tenantry_testkit::each_database! {
///     async fn an_empty_list_has_no_rows(db: TestDatabase) {
///         assert!(db.query("SELECT 1 AS one WHERE 1 = 2").await.is_empty());
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! each_database {
    ($($(#[$meta:meta])* async fn $test:ident($db:ident: TestDatabase) $body:block)*) => {$(
        $(#[$meta])*
        async fn $test($db: $crate::TestDatabase) $body

        mod $test {
            #[test]
            fn sqlite() {
                $crate::run($crate::Backend::Sqlite, super::$test);
            }

            #[test]
            fn postgres() {
                $crate::run($crate::Backend::Postgres, super::$test);
            }
        }
    )*};
}

/// Runs a test on a new migrated database. [`each_database!`] expands to it.
///
/// # Panics
/// When the test does, or when the database can't be created.
pub fn run<F: Future<Output = ()>>(backend: Backend, test: impl FnOnce(TestDatabase) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async { test(TestDatabase::new(backend).await).await });
}
