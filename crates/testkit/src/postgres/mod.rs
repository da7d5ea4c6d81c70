//! One throwaway Postgres cluster, shared by all test processes of this checkout.
//!
//! The first process that needs it creates it with the installed binaries. Each process
//! holds a shared lock for its lifetime; a supervisor stops the cluster when none is held.

mod account;
mod address;
mod binaries;
mod cluster;
mod dedicated;
mod home;
mod role;

pub use self::dedicated::DedicatedPostgres;
pub(crate) use self::{cluster::Cluster, role::Role};
