//! Connects, runs SQL, builds statements by hand or loads rows outside the scope.

use tenantry_core::orm::ConnectOptions;
use tenantry_core::orm::ConnectionTrait;
use tenantry_core::orm::Database;
use tenantry_core::orm::DatabaseConnection;
use tenantry_core::orm::DbBackend;
use tenantry_core::orm::LoaderTrait;
use tenantry_core::orm::PaginatorTrait;
use tenantry_core::orm::QueryFilter;
use tenantry_core::orm::QueryOrder;
use tenantry_core::orm::QuerySelect;
use tenantry_core::orm::QueryTrait;
use tenantry_core::orm::Statement;
use tenantry_core::orm::TransactionTrait;
use tenantry_core::orm::sea_query::Query;
use tenantry_core::orm::sea_query::SelectStatement;
use tenantry_core::orm::sqlx;

fn main() {}
