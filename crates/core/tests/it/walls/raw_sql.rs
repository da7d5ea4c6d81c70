//! Without the scoped types: SeaORM's own queries and raw SQL on a connection of the application's
//! role. Only row-level security is left.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _, sea_query::Expr,
};
use tenantry_core::db::DbError;
use tenantry_testkit::{Backend, TestDatabase, run};

use super::row_security::protected_library;
use crate::db::tables::{book, shelf};

/// A connection of the application's role for raw SQL.
pub(crate) async fn raw_application(db: &TestDatabase) -> sea_orm::DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(db.url());
    options.max_connections(1).sqlx_logging(false);
    sea_orm::Database::connect(options)
        .await
        .expect("connected")
}

#[test]
fn raw_sql_sees_the_named_organization_and_without_one_nothing() {
    run(Backend::Postgres, async |db| {
        let library = protected_library(db).await;
        let raw = raw_application(&library.world.raw).await;
        let count = async |sql: &str| {
            let rows = raw.query_all_raw(sea_orm::Statement::from_string(
                sea_orm::DbBackend::Postgres,
                sql,
            ));
            rows.await.expect("answered").len()
        };
        let ours = library.ours.organization();
        assert_eq!(count("SELECT * FROM shelves").await, 0);
        assert_eq!(count("UPDATE shelves SET mark = 'x' RETURNING id").await, 0);
        assert_eq!(count("DELETE FROM books RETURNING id").await, 0);
        raw.execute_unprepared(&format!("BEGIN; SET LOCAL app.organization_id = '{ours}'"))
            .await
            .expect("begun");
        assert_eq!(count("SELECT * FROM shelves").await, 3);
        assert_eq!(
            count("SELECT * FROM shelves WHERE mark = 'theirs'").await,
            0
        );
        raw.execute_unprepared("COMMIT").await.expect("ended");
        // After the transaction the setting is an empty text, which is no organization either.
        assert_eq!(count("SELECT * FROM shelves").await, 0);
    });
}

#[test]
fn an_unscoped_query_finds_and_writes_nothing() {
    run(Backend::Postgres, async |db| {
        let library = protected_library(db).await;
        let raw = raw_application(&library.world.raw).await;
        assert_eq!(shelf::Entity::find().all(&raw).await.expect("read"), []);
        let books = book::Entity::find().find_also_related(shelf::Entity);
        assert_eq!(books.all(&raw).await.expect("read"), []);
        let deleted = book::Entity::delete_many().exec(&raw).await;
        assert_eq!(deleted.expect("nothing to do").rows_affected, 0);
    });
}

#[test]
fn a_filter_that_breaks_out_of_its_brackets_stays_in_its_organization() {
    run(Backend::Postgres, async |db| {
        let library = protected_library(db).await;
        let raw = raw_application(&library.world.raw).await;
        let ours = library.ours.organization();
        raw.execute_unprepared(&format!("BEGIN; SET LOCAL app.organization_id = '{ours}'"))
            .await
            .expect("begun");
        let all = shelf::Entity::find()
            .filter(shelf::Column::Name.eq("no such name"))
            .filter(Expr::cust("1 = 1) OR (1 = 1"));
        let found = all.all(&raw).await.expect("read");
        assert_eq!(found.len(), 3);
        assert!(found.iter().all(|shelf| shelf.mark == "ours"));
    });
}

#[test]
fn a_refused_row_is_an_error_of_the_statement_and_no_5xx_of_its_own_kind() {
    // What only the database rejects is a bug of ours, and is logged as one.
    run(Backend::Postgres, async |db| {
        let library = protected_library(db).await;
        let raw = raw_application(&library.world.raw).await;
        let foreign = library.literal(library.theirs.organization().uuid());
        let smuggle = format!(
            "INSERT INTO shelves (organization_id, id, name, mark)
             VALUES ({foreign}, gen_random_uuid(), 'x', 'x')"
        );
        let refused = raw.execute_unprepared(&smuggle).await.expect_err("refused");
        let refused = DbError::from(refused);
        assert!(matches!(refused, DbError::Statement(_)), "{refused:?}");
    });
}
