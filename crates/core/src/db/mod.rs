//! The only way to the database.
//!
//! [`Database`] owns the connections and exposes none. All access is through [`Rows`] in one of two
//! scopes: [`TenantRows`], which need a [`Grant`](crate::access::Grant) and never leave its
//! organization, and [`GlobalRows`], for the tables that belong to no organization. A
//! [`UnitOfWork`] commits several writes together and then publishes the events recorded with them.
//! Pending deliveries to listeners are in the [`DeliveryQueue`].

mod connect_error;
pub(crate) mod connection;
mod cursor;
mod database;
mod entity_check;
mod erasure;
mod error;
mod fault_injection;
mod filter;
mod keyset;
mod options;
mod page_bytes;
mod pool;
mod pool_stats;
mod pools;
mod private_file;
mod read;
mod row_security;
mod rows;
mod scope;
mod server_info;
mod session_settings;
mod shares;
mod stall_detector;
mod tenant_setting;
mod turns;
mod url;
mod work;
mod write;

pub use connect_error::ConnectError;
pub use cursor::CursorKey;
pub use database::{Database, DeliveryQueue, OpenDatabase, Publisher};
pub use erasure::TenantTable;
pub use error::DbError;
pub use filter::{ColumnFilter, Filter};
pub use keyset::KeysetOrder;
pub use options::{Backend, DatabaseOptions, WaitLimits};
pub use pool_stats::PoolStats;
pub use private_file::{keep_private, open_private, readable_by_others};
pub use read::{ContextJoins, Find, FindWithRelated};
pub use row_security::{Published, RlsGap};
pub use rows::{GlobalRows, Rows, TenantRows};
pub use scope::{Global, Scope, Scoped, Tenant};
pub use server_info::{ReadOnly, ServerInfo, SessionWaits};
pub use url::DatabaseUrl;
pub use work::UnitOfWork;
pub use write::{Delete, Update};
