//! Two organizations with libraries that differ in nothing but their owner.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use tenantry_core::{
    access::{Grant, Role},
    db::{CursorKey, Database, DatabaseOptions, DbError, GlobalRows, TenantRows},
    id::{OrganizationId, Uuid},
    orm::Set,
    outbox::Publisher,
};
use tenantry_testkit::{Backend, TestDatabase, World};

use super::tables::{self, book, shelf};

tenantry_core::permission!(
    /// Use the library.
    UseLibrary = "library.use", Viewer
);

/// A world with two libraries.
///
/// Each has the shelves 1 and 2 and the books 1, 2 and 3, under the same ids. Shelf 7 and book
/// 7 are only ours, shelf 9 and book 9 are only theirs. `mark` names the owner of a row.
pub(crate) struct Library {
    pub(crate) world: World,
    pub(crate) ours: Grant<UseLibrary>,
    pub(crate) theirs: Grant<UseLibrary>,
}

impl Library {
    pub(crate) async fn furnished(db: TestDatabase) -> Self {
        let library = Self::empty(db).await;
        for (grant, mark, own) in [(&library.ours, "ours", 7), (&library.theirs, "theirs", 9)] {
            let organization = grant.organization();
            for n in [1, 2, own] {
                library.place_shelf(organization, n, mark).await;
            }
            for (n, on) in [(1, 1), (2, 1), (3, 2), (own, own)] {
                library.place_book(organization, n, on, mark).await;
            }
        }
        library
    }

    pub(crate) async fn empty(db: TestDatabase) -> Self {
        tables::make(&db).await;
        let world = World::new(db).await;
        let ours = world.organization("ours").await;
        let theirs = world.organization("theirs").await;
        let ours = world.member(ours, Role::Viewer).await;
        let theirs = world.member(theirs, Role::Viewer).await;
        Self {
            ours: ours.require().expect("viewers use it"),
            theirs: theirs.require().expect("viewers use it"),
            world,
        }
    }

    /// Puts up a shelf, bypassing every protection.
    pub(crate) async fn place_shelf(&self, organization: OrganizationId, n: u128, mark: &str) {
        let row = [
            ("organization_id", organization.into()),
            ("id", id(n).into()),
            ("name", format!("Shelf {n}").into()),
            ("mark", mark.into()),
        ];
        self.world.insert("shelves", row).await;
    }

    /// Puts a book on a shelf, bypassing every protection.
    pub(crate) async fn place_book(
        &self,
        organization: OrganizationId,
        n: u128,
        shelf: u128,
        mark: &str,
    ) {
        let row = [
            ("organization_id", organization.into()),
            ("id", id(n).into()),
            ("shelf_id", id(shelf).into()),
            ("title", format!("Book {n}").into()),
            ("pages", 100_i64.into()),
            ("mark", mark.into()),
            ("added_at", self.world.runtime().now().into()),
        ];
        self.world.insert("books", row).await;
    }

    /// Puts up a sticker, bypassing every protection.
    pub(crate) async fn place_sticker(&self, n: u128, shelf: Option<u128>) {
        let row = [
            ("organization_id", self.ours.organization().into()),
            ("id", id(n).into()),
            ("shelf_id", shelf.map(id).into()),
            ("mark", "ours".into()),
        ];
        self.world.insert("stickers", row).await;
    }

    /// The same database opened again, with another publisher.
    pub(crate) async fn opened_for(&self, publisher: Arc<dyn Publisher>) -> Database {
        self.opened(4, publisher).await
    }

    /// The same database opened again, over this number of connections.
    pub(crate) async fn opened(&self, connections: u32, publisher: Arc<dyn Publisher>) -> Database {
        let options = DatabaseOptions {
            url: self.world.raw.url().to_owned(),
            connections,
            acquire_timeout: Duration::from_secs(10),
            waits: tenantry_testkit::LONG_WAITS,
            cursor_key: CursorKey::derive(b"a key for tests"),
        };
        let opened = Database::open(options, self.world.runtime().clone(), publisher).await;
        opened.expect("the test database opens").database
    }

    /// Our rows, to read.
    pub(crate) fn read(&self) -> TenantRows<'static> {
        self.world.database.read(&self.ours)
    }

    /// Writes to our rows in one unit of work, which is committed unless the writing fails.
    pub(crate) async fn write<T>(
        &self,
        writing: impl AsyncFnOnce(&TenantRows<'_>) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        let mut work = self.world.database.begin(&self.ours);
        let written = writing(&work.tenant(&self.ours).await?).await?;
        work.commit().await?;
        Ok(written)
    }

    /// Writes global rows in one unit of work.
    pub(crate) async fn write_global<T>(
        &self,
        writing: impl AsyncFnOnce(&GlobalRows<'_>) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        let mut work = self.world.database.begin(&self.ours);
        let written = writing(&work.global().await?).await?;
        work.commit().await?;
        Ok(written)
    }

    /// Awaits a future, and checks that their rows are byte for byte the same afterwards.
    pub(crate) async fn without_changing_theirs<T>(&self, doing: impl Future<Output = T>) -> T {
        let before = self.everything_of(&self.theirs).await;
        assert!(!before.is_empty(), "they have rows that could change");
        let outcome = doing.await;
        assert_eq!(self.everything_of(&self.theirs).await, before);
        outcome
    }

    /// Awaits a future, and checks that no row of any organization changed.
    pub(crate) async fn changing_nothing<T>(&self, doing: impl Future<Output = T>) -> T {
        let before = self.everything().await;
        let outcome = doing.await;
        assert_eq!(self.everything().await, before);
        outcome
    }

    /// Every row of the library, of every organization.
    pub(crate) async fn everything(&self) -> Vec<Value> {
        self.rows("").await
    }

    /// Every row of one organization.
    pub(crate) async fn everything_of(&self, grant: &Grant<UseLibrary>) -> Vec<Value> {
        let id = self.literal(grant.organization().uuid());
        self.rows(&format!("WHERE organization_id = {id}")).await
    }

    async fn rows(&self, of: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        for table in ["shelves", "books", "stickers", "loans"] {
            let all = format!("SELECT * FROM {table} {of} ORDER BY organization_id, id");
            rows.extend(self.world.raw.query(&all).await);
        }
        rows.extend(
            self.world
                .raw
                .query("SELECT * FROM colours ORDER BY id")
                .await,
        );
        rows
    }

    /// An id as it is written in SQL.
    pub(crate) fn literal(&self, id: Uuid) -> String {
        match self.world.raw.backend() {
            Backend::Sqlite => format!("x'{}'", id.simple()),
            Backend::Postgres => format!("'{id}'"),
        }
    }
}

/// The id of that number, the same in every organization.
pub(crate) const fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// A shelf to be inserted.
pub(crate) fn new_shelf(n: u128) -> shelf::ActiveModel {
    shelf::ActiveModel {
        id: Set(id(n)),
        name: Set(format!("Shelf {n}")),
        mark: Set("ours".to_owned()),
        ..Default::default()
    }
}

/// A book to be inserted.
pub(crate) fn new_book(n: u128, shelf: u128) -> book::ActiveModel {
    book::ActiveModel {
        id: Set(id(n)),
        shelf_id: Set(id(shelf)),
        title: Set(format!("Book {n}")),
        pages: Set(100),
        mark: Set("ours".to_owned()),
        added_at: Set(Default::default()),
        ..Default::default()
    }
}

/// The numbers behind the ids of these books.
pub(crate) fn numbers(books: &[book::Model]) -> Vec<u128> {
    let mut numbers: Vec<_> = books.iter().map(|book| book.id.as_u128()).collect();
    numbers.sort_unstable();
    numbers
}
