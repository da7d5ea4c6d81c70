//! The part of SeaORM that a module may use: enough to declare entities, and nothing that accesses a
//! connection.
//!
//! An entity file says `use tenantry_core::orm as sea_orm;` and then looks like any other.
//! `Database`, `Statement`, `ConnectionTrait`, `TransactionTrait`, `LoaderTrait`, `QueryTrait`
//! and everything that executes are left out on purpose: rows are accessed only through
//! [`Rows`](crate::db::Rows).

pub use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue, ColIdx, ColumnFromStrErr, ColumnTrait,
    ColumnType, DbErr, DeriveActiveModel, DeriveColumn, DeriveEntity, DeriveEntityModel,
    DeriveModel, DerivePrimaryKey, DeriveRelation, EntityName, EntityTrait, EnumIter,
    FromQueryResult, Iden, IdenStatic, IntoActiveModel, Iterable, ModelTrait, Order,
    PrimaryKeyToColumn, PrimaryKeyTrait, QueryResult, Related, RelationDef, RelationTrait, Set,
    TryFromU64, TryGetError, TryGetable, TryIntoModel, Value, strum,
};

/// For the paths in the code of SeaORM's derives.
pub mod sea_query {
    pub use sea_orm::sea_query::{
        ArrayType, ColumnType, ConditionType, Expr, ExprTrait, IntoCondition, Nullable, SimpleExpr,
        ValueType, ValueTypeErr,
    };
}

/// For the paths in the code of SeaORM's derives.
pub mod entity {
    pub use sea_orm::{EntityName, EntityTrait, RelationDef, RelationTrait};
}

/// For the paths in the code of SeaORM's derives.
pub mod prelude {
    pub use sea_orm::{
        ColumnDef, ColumnTrait, ColumnTypeTrait, DeriveColumn, DeriveEntity, EntityName, EnumIter,
        sea_query::ForeignKeyAction,
    };
}

/// For the paths in the code of SeaORM's derives.
pub mod value {
    pub use sea_orm::value::{
        DefaultActiveValue, DefaultActiveValueNone, DefaultActiveValueNotSet,
    };
}
