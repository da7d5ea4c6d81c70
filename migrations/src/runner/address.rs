//! What the address of a database says about it.

use std::{path::PathBuf, str::FromStr};

use sea_orm_migration::sea_orm::sqlx::{
    Error, postgres::PgConnectOptions, sqlite::SqliteConnectOptions,
};

use crate::error::MigrationError;

/// Where a database lives.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// SQLite, in this file.
    File(PathBuf),
    /// SQLite, in the memory of one connection: never shared, and empty at first.
    Memory,
    /// Postgres.
    Server,
}

impl FromStr for Address {
    type Err = MigrationError;

    // SeaORM panics where it is asked about an address that is none.
    fn from_str(url: &str) -> Result<Self, Self::Err> {
        let refused = |cause: Error| MigrationError::Address(cause.to_string());
        if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url).map_err(refused)?;
            if url.contains(":memory:") || url.contains("mode=memory") {
                return Ok(Self::Memory);
            }
            return Ok(Self::File(options.get_filename().to_owned()));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            PgConnectOptions::from_str(url).map_err(refused)?;
            return Ok(Self::Server);
        }
        let reason = "it must start with sqlite: or postgres://";
        Err(MigrationError::Address(reason.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_file_memory_or_a_server() {
        let parse = |url: &str| url.parse::<Address>().expect("an address");
        assert_eq!(parse("sqlite::memory:"), Address::Memory);
        assert_eq!(parse("sqlite://x?mode=memory"), Address::Memory);
        assert_eq!(parse("postgres://me@host/db"), Address::Server);
        let relative = Address::File("tenantry.db".into());
        assert_eq!(parse("sqlite://tenantry.db?mode=rwc"), relative);
        assert_eq!(parse("sqlite:tenantry.db"), relative);
        let absolute = Address::File("/var/a b.db".into());
        assert_eq!(parse("sqlite:///var/a%20b.db"), absolute);
    }

    #[test]
    fn a_refusal_does_not_repeat_the_address() {
        for url in [
            "postgres://me:secret@host:port/db",
            "redis://me:secret@host",
        ] {
            let refusal = url.parse::<Address>().expect_err("not an address");
            assert!(!refusal.to_string().contains("secret"), "{refusal}");
        }
    }
}
