//! Lists of migrations to test the runner with.

use async_trait::async_trait;
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};
use tenantry_migrations::runs_with;

struct Step {
    name: &'static str,
    up: &'static str,
    up_on_postgres: &'static str,
    down: &'static str,
    /// What a program must know to run on it, if it says so.
    needs: Option<&'static str>,
}

impl MigrationName for Step {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared(self.up).await?;
        if db.get_database_backend() == DbBackend::Postgres {
            db.execute_unprepared(self.up_on_postgres).await?;
        }
        match self.needs {
            Some(needs) => runs_with(manager, self, needs).await,
            None => Ok(()),
        }
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared(self.down).await.map(drop)
    }
}

const SHELVES: Step = Step {
    name: "library_0001_shelves",
    // Fails when it runs twice, as every migration does whose objects exist.
    up: "CREATE TABLE shelves (id BIGINT PRIMARY KEY)",
    up_on_postgres: "",
    down: "DROP TABLE shelves",
    needs: None,
};

const BOOKS: Step = Step {
    name: "library_0002_books",
    up: "CREATE TABLE books (id BIGINT PRIMARY KEY, shelf BIGINT NOT NULL REFERENCES shelves (id));
        INSERT INTO shelves VALUES (1);
        INSERT INTO books VALUES (1, 1);
        CREATE VIEW shelved AS SELECT books.id FROM books JOIN shelves ON shelves.id = books.shelf",
    // One object of each kind that migrations can create, depending on each other.
    up_on_postgres: "CREATE TYPE genre AS ENUM ('novel');
        CREATE TYPE span AS RANGE (subtype = bigint);
        CREATE TYPE place AS (row_number int, genre genre);
        CREATE DOMAIN isbn AS text CHECK (length(VALUE) = 13);
        CREATE SEQUENCE loans;
        CREATE TABLE \"Odd \"\"name\" (
            id BIGINT GENERATED ALWAYS AS IDENTITY, isbn isbn, genre genre, span span,
            loan BIGINT DEFAULT nextval('loans'));
        CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM shelved;
        CREATE FUNCTION first_place(genre, place) RETURNS place LANGUAGE sql
            AS 'SELECT $2';
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER touch BEFORE UPDATE ON books FOR EACH ROW EXECUTE FUNCTION touch();
        CREATE AGGREGATE total (bigint) (SFUNC = int8pl, STYPE = bigint)",
    down: "DROP VIEW shelved; DROP TABLE books",
    needs: None,
};

const READERS: Step = Step {
    name: "people_0001_readers",
    up: "CREATE TABLE readers (id BIGINT PRIMARY KEY)",
    up_on_postgres: "",
    down: "DROP TABLE readers",
    needs: None,
};

const HALF_DONE: Step = Step {
    name: "people_0002_half_done",
    up: "CREATE TABLE half_done (id BIGINT PRIMARY KEY); INSERT INTO nowhere VALUES (1)",
    up_on_postgres: "",
    down: "",
    needs: None,
};

const SAYING: Step = Step {
    name: "library_0001_saying",
    up: "CREATE TABLE migration_compatibility (version text PRIMARY KEY, needs text NOT NULL)",
    up_on_postgres: "",
    down: "DROP TABLE migration_compatibility",
    needs: None,
};

const EXPANDING: Step = Step {
    name: "library_0002_expanding",
    up: "CREATE TABLE borrowers (id BIGINT PRIMARY KEY)",
    up_on_postgres: "",
    down: "DROP TABLE borrowers",
    needs: Some("library_0001_saying"),
};

const CONTRACTING: Step = Step {
    name: "library_0003_contracting",
    up: "ALTER TABLE borrowers ADD COLUMN name text",
    up_on_postgres: "",
    down: "",
    needs: Some("library_0002_expanding"),
};

const NUMBERED: Step = Step {
    name: "library_0004_numbered",
    up: "ALTER TABLE shelves ADD COLUMN number BIGINT",
    up_on_postgres: "",
    down: "ALTER TABLE shelves DROP COLUMN number",
    needs: None,
};

macro_rules! list {
    ($(#[$meta:meta])* $name:ident = $($step:ident),+) => {
        $(#[$meta])*
        pub(crate) struct $name;

        impl MigratorTrait for $name {
            fn migrations() -> Vec<Box<dyn MigrationTrait>> {
                vec![$(Box::new($step)),+]
            }
        }
    };
}

list!(
    /// One migration.
    Old = SHELVES
);
list!(
    /// The same one and two more.
    New = SHELVES, BOOKS, READERS
);
list!(
    /// One that works, and one that fails half-way.
    Broken = SHELVES, HALF_DONE
);
list!(
    /// One that can be reverted by itself.
    Plain = SHELVES, READERS
);
list!(
    /// The version before.
    Before = SAYING
);
list!(
    /// A version that the one before can run on.
    Expanded = SAYING, EXPANDING
);
list!(
    /// A version that the one before can run on, but not the one before that.
    Contracted = SAYING, EXPANDING, CONTRACTING
);
list!(
    /// The first one, and one that changes its table.
    Numbered = SHELVES, NUMBERED
);
