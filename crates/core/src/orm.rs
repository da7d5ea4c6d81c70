//! The part of SeaORM that a module may use: enough to declare entities and to build
//! conditions, nothing that reaches a connection.
//!
//! An entity file says `use tenantry_core::orm as sea_orm;` and then looks like any other.
//! `Database`, `Statement`, `ConnectionTrait`, `TransactionTrait`, `LoaderTrait`, `QueryTrait`
//! and everything that executes are left out on purpose: rows are reached through
//! [`Rows`](crate::db::Rows) alone.

pub use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue, ColIdx, ColumnFromStrErr, ColumnTrait,
    ColumnType, DbErr, DeriveActiveModel, DeriveColumn, DeriveEntity, DeriveEntityModel,
    DeriveModel, DerivePrimaryKey, DeriveRelation, EntityName, EntityTrait, EnumIter,
    FromQueryResult, Iden, IdenStatic, IntoActiveModel, Iterable, ModelTrait, Order,
    PrimaryKeyToColumn, PrimaryKeyTrait, QueryResult, Related, RelationDef, RelationTrait, Set,
    TryFromU64, TryGetError, TryGetable, TryIntoModel, Value, strum,
};

/// What SeaORM's derives name by path.
pub mod sea_query {
    pub use sea_orm::sea_query::{
        ArrayType, ColumnType, ConditionType, Expr, ExprTrait, IntoCondition, Nullable, SimpleExpr,
        ValueType, ValueTypeErr,
    };
}

/// What SeaORM's derives name by path.
pub mod entity {
    pub use sea_orm::{EntityName, EntityTrait, RelationDef, RelationTrait};
}

/// What SeaORM's derives name by path.
pub mod prelude {
    pub use sea_orm::{
        ColumnDef, ColumnTrait, ColumnTypeTrait, DeriveColumn, DeriveEntity, EntityName, EnumIter,
        sea_query::ForeignKeyAction,
    };
}

/// What SeaORM's derives name by path.
pub mod value {
    pub use sea_orm::value::{
        DefaultActiveValue, DefaultActiveValueNone, DefaultActiveValueNotSet,
    };
}
