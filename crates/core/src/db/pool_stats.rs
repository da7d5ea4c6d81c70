//! Counts of pooled connections.

use sea_orm::sqlx::{Database, Pool};

/// The number of connections to the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolStats {
    /// In use.
    pub used: u32,
    /// Idle.
    pub idle: u32,
    /// The maximum.
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
