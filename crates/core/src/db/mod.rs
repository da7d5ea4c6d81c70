//! The only way to the database.
//!
//! [`Database`] owns the connections and never lends one out. Work happens through
//! [`Rows`] in one of two scopes: [`TenantRows`], which need a [`Grant`](crate::access::Grant)
//! and never leave its organization, and [`GlobalRows`], for the tables that belong to no
//! organization. A [`UnitOfWork`] makes several writes one, and tells the events that were
//! recorded on it once they are committed. What listeners are still to be told waits in the
//! [`DeliveryQueue`].

mod about;
mod connection;
mod connections;
mod database;
mod declaration;
mod erasure;
mod error;
mod events;
mod filter;
mod isolation;
mod keyset;
mod lending;
mod line;
mod mutant;
mod naming;
mod read;
mod rows;
mod scope;
mod work;
mod write;

pub use about::About;
pub use connections::Connections;
pub use database::{Backend, Database, DatabaseOptions, Opened};
pub use erasure::TenantTable;
pub use error::DbError;
pub use events::{Attempt, Backlog, DeadLetter, Delivery, DeliveryQueue, Failed, Patience, Wakes};
pub use filter::{ColumnFilter, Filter};
pub use isolation::Gap;
pub use keyset::Sort;
pub use read::{Find, FindAlso};
pub use rows::{GlobalRows, Rows, TenantRows};
pub use scope::{Global, Scope, Scoped, Tenant};
pub use work::UnitOfWork;
pub use write::{Delete, Update};
