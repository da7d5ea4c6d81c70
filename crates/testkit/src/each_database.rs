//! One rule, tested on every database.

use crate::{Backend, TestDatabase};

/// Makes two tests of one rule: `the_rule::sqlite` and `the_rule::postgres`.
///
/// Each gets a migrated database of its own, and a runtime with two workers.
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
    ($($(#[$meta:meta])* async fn $rule:ident($db:ident: TestDatabase) $body:block)*) => {$(
        $(#[$meta])*
        async fn $rule($db: $crate::TestDatabase) $body

        mod $rule {
            #[test]
            fn sqlite() {
                $crate::run($crate::Backend::Sqlite, super::$rule);
            }

            #[test]
            fn postgres() {
                $crate::run($crate::Backend::Postgres, super::$rule);
            }
        }
    )*};
}

/// Runs a rule on a fresh, migrated database. What [`each_database!`] expands to.
///
/// # Panics
/// When the rule does, or when there is no database to be had.
pub fn run<F: Future<Output = ()>>(backend: Backend, rule: impl FnOnce(TestDatabase) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("the operating system has threads left");
    runtime.block_on(async { rule(TestDatabase::new(backend).await).await });
}
