//! Violations of `clippy.toml`, planted to prove that each of its bans is reported. Nothing runs
//! them; only `tests/it/walls/lint.rs` runs clippy on them: every function here must be reported.

#![expect(dead_code, reason = "to be looked at, not to be run")]

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, LoaderTrait,
    ModelTrait, Select, Statement, entity::prelude::*, sea_query::Expr,
};

mod book {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "books")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: Uuid,
        pub(crate) shelf: Uuid,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {
        #[sea_orm(belongs_to = "Entity", from = "Column::Shelf", to = "Column::Id")]
        Shelf,
    }

    impl Related<Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Shelf.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

type Row = book::ActiveModel;
type Db = DatabaseConnection;

// The same ban in every form that a call can take.

fn find_called() -> Select<book::Entity> {
    book::Entity::find()
}

fn find_with_its_full_path() -> Select<book::Entity> {
    <book::Entity as EntityTrait>::find()
}

fn find_as_a_function_pointer() -> fn() -> Select<book::Entity> {
    book::Entity::find
}

fn find_of_any_entity<E: EntityTrait>() -> Select<E> {
    E::find()
}

fn find_under_another_name() -> Select<book::Entity> {
    use book::Entity as Harmless;
    Harmless::find()
}

macro_rules! hidden {
    ($entity:ty) => {
        <$entity>::find()
    };
}

fn find_in_a_macro() -> Select<book::Entity> {
    hidden!(book::Entity)
}

// Every other ban, once.

fn find_by_id(id: Uuid) -> impl Sized {
    book::Entity::find_by_id(id)
}

fn insert(row: Row) -> impl Sized {
    book::Entity::insert(row)
}

fn insert_many(rows: Vec<Row>) -> impl Sized {
    book::Entity::insert_many(rows)
}

fn update(row: Row) -> impl Sized {
    book::Entity::update(row)
}

fn update_many() -> impl Sized {
    book::Entity::update_many()
}

fn delete(row: Row) -> impl Sized {
    book::Entity::delete(row)
}

fn delete_many() -> impl Sized {
    book::Entity::delete_many()
}

fn delete_by_id(id: Uuid) -> impl Sized {
    book::Entity::delete_by_id(id)
}

async fn insert_row(row: Row, db: &Db) -> impl Sized {
    row.insert(db).await
}

async fn update_row(row: Row, db: &Db) -> impl Sized {
    row.update(db).await
}

async fn update_row_without_returning(row: Row, db: &Db) -> impl Sized {
    row.update_without_returning(db).await
}

async fn save_row(row: Row, db: &Db) -> impl Sized {
    row.save(db).await
}

async fn delete_row(row: Row, db: &Db) -> impl Sized {
    ActiveModelTrait::delete(row, db).await
}

async fn delete_model(book: book::Model, db: &Db) -> impl Sized {
    ModelTrait::delete(book, db).await
}

fn find_related(book: &book::Model) -> impl Sized {
    book.find_related(book::Entity)
}

fn find_linked<L: Linked<FromEntity = book::Entity>>(book: &book::Model, link: L) -> impl Sized {
    book.find_linked(link)
}

async fn load_one(books: Vec<book::Model>, db: &Db) -> impl Sized {
    books.load_one(book::Entity, db).await
}

async fn load_many(books: Vec<book::Model>, db: &Db) -> impl Sized {
    books.load_many(book::Entity, db).await
}

async fn load_many_to_many(books: Vec<book::Model>, db: &Db) -> impl Sized {
    let through = book::Entity;
    books.load_many_to_many(book::Entity, through, db).await
}

fn statement_from_string() -> Statement {
    Statement::from_string(DbBackend::Sqlite, "SELECT 1")
}

fn statement_from_sql_and_values() -> Statement {
    Statement::from_sql_and_values(DbBackend::Sqlite, "SELECT ?", [1.into()])
}

async fn execute_unprepared(db: &Db) -> impl Sized {
    db.execute_unprepared("DELETE FROM books").await
}

async fn execute_raw(db: &Db, statement: Statement) -> impl Sized {
    db.execute_raw(statement).await
}

async fn query_one_raw(db: &Db, statement: Statement) -> impl Sized {
    db.query_one_raw(statement).await
}

async fn query_all_raw(db: &Db, statement: Statement) -> impl Sized {
    db.query_all_raw(statement).await
}

fn cust() -> Expr {
    Expr::cust("1 = 1) OR (1 = 1")
}

fn cust_with_values() -> Expr {
    Expr::cust_with_values("id = ?", [1])
}

fn cust_with_expr() -> Expr {
    Expr::cust_with_expr("? = 1", Expr::val(1))
}

fn cust_with_exprs() -> Expr {
    Expr::cust_with_exprs("? = ?", [Expr::val(1), Expr::val(2)])
}
