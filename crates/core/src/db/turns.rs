//! Turns of organizations and users on SQLite, whose pools know no shares.

use std::{sync::Arc, time::Duration};

use sea_orm::DbErr;

use super::{
    DatabaseOptions,
    error::share_in_use,
    shares::{Share, Shares},
};
use crate::id::Uuid;

/// The turns of a database.
#[derive(Clone)]
pub(super) struct Turns {
    readers: Arc<Shares>,
    writer: Arc<Shares>,
    timeout: Duration,
}

impl Turns {
    pub(super) fn new(options: &DatabaseOptions) -> Self {
        Self {
            readers: Shares::new(options.connections as usize),
            writer: Shares::new(1),
            timeout: options.acquire_timeout,
        }
    }

    pub(super) fn to_read(&self, holder: Option<Uuid>) -> Turn {
        self.turn(&self.readers, holder)
    }

    pub(super) fn to_write(&self, holder: Option<Uuid>) -> Turn {
        self.turn(&self.writer, holder)
    }

    fn turn(&self, shares: &Arc<Shares>, holder: Option<Uuid>) -> Turn {
        Turn {
            of: holder.map(|holder| (Arc::clone(shares), holder)),
            timeout: self.timeout,
        }
    }
}

/// A turn of a holder; without one there is nothing to wait for.
pub(crate) struct Turn {
    of: Option<(Arc<Shares>, Uuid)>,
    timeout: Duration,
}

impl Turn {
    /// Waits for the turn, which lasts as long as the share.
    pub(super) async fn take(&self) -> Result<Option<Share>, DbErr> {
        let Some((shares, holder)) = &self.of else {
            return Ok(None);
        };
        let share = shares.acquire(*holder, self.timeout).await;
        share.map(Some).ok_or_else(share_in_use)
    }
}
