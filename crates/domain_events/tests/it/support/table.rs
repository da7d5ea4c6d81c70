//! The tenant table `marks`, to which listeners write.

use serde_json::Value;
use tenantry_testkit::{Backend, TestDatabase};

/// A row that a listener inserted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) stream: String,
    pub(crate) number: i64,
}

/// Creates the table.
pub(crate) async fn create(db: &TestDatabase) {
    // A sequence in the database, because several processes insert.
    let (id, position) = match db.backend() {
        Backend::Sqlite => ("uuid_blob", "integer PRIMARY KEY"),
        Backend::Postgres => ("uuid", "bigint GENERATED ALWAYS AS IDENTITY"),
    };
    db.execute(&format!(
        "CREATE TABLE marks (
            organization_id {id} NOT NULL, id {id} NOT NULL, listener text NOT NULL,
            number bigint NOT NULL, position {position}, UNIQUE (organization_id, id)
        )"
    ))
    .await;
    if db.backend() == Backend::Postgres {
        db.execute("GRANT SELECT, INSERT ON marks TO PUBLIC").await;
    }
}

/// The marks of a listener, in the order of insertion.
pub(crate) async fn marks(db: &TestDatabase, listener: &str) -> Vec<Mark> {
    let rows = db
        .query(&format!(
            "SELECT organization_id, number FROM marks WHERE listener = '{listener}' ORDER BY position"
        ))
        .await;
    let mark = |row: &Value| Mark {
        stream: row["organization_id"].as_str().expect("an id").to_owned(),
        number: row["number"].as_i64().expect("a number"),
    };
    rows.iter().map(mark).collect()
}

pub(crate) mod mark {
    use tenantry_core::{
        id::{OrganizationId, Uuid},
        orm as sea_orm,
        orm::*,
        tenant_entity,
    };

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "marks")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub organization_id: OrganizationId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub listener: String,
        pub number: i64,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    tenant_entity!(Entity);
}
