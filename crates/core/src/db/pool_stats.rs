//! How many connections there are.

use sea_orm::sqlx::{Database, Pool};

/// Connections to the database, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolStats {
    /// Those that somebody uses.
    pub used: u32,
    /// Those that wait for somebody.
    pub idle: u32,
    /// How many there may be.
    pub max: u32,
}

impl PoolStats {
    pub(super) fn of<DB: Database>(pool: &Pool<DB>) -> Self {
        let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
        Self {
            used: pool.size().saturating_sub(idle),
            idle,
            max: pool.options().get_max_connections(),
        }
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self {
            used: self.used + other.used,
            idle: self.idle + other.idle,
            max: self.max + other.max,
        }
    }
}
