//! The part of SeaORM that a module may use: enough to declare entities and to build
//! conditions, nothing that reaches a connection.
//!
//! An entity file says `use tenantry_core::orm as sea_orm;` and then looks like any other.
//! `Database`, `Statement`, `ConnectionTrait`, `TransactionTrait`, `LoaderTrait`, `QueryTrait`
//! and everything that executes are left out on purpose: rows are reached through
//! [`Rows`](crate::db::Rows) alone.

pub use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue, ColIdx, ColumnDef, ColumnTrait, ColumnType,
    ColumnTypeTrait, Condition, DbErr, DeriveActiveModel, DeriveColumn, DeriveEntity,
    DeriveEntityModel, DeriveModel, DerivePrimaryKey, DeriveRelation, EntityName, EntityTrait,
    EnumIter, FromQueryResult, Iden, IdenStatic, IntoActiveModel, Iterable, ModelTrait, Order,
    PrimaryKeyToColumn, PrimaryKeyTrait, QueryResult, Related, RelationDef, RelationTrait, Set,
    TryFromU64, TryGetError, TryGetable, Unchanged, Value,
};

/// What SeaORM's derives name by path.
pub mod sea_query {
    pub use sea_orm::sea_query::{
        ArrayType, ColumnType, DynIden, Iden, IntoColumnRef, Nullable, ValueType, ValueTypeErr,
    };
}

/// What SeaORM's derives name by path.
pub mod entity {
    pub use super::*;
}
