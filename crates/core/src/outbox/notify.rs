//! Hearing from other processes that there is something to do.

use sea_orm::sqlx::{
    PgPool,
    postgres::{PgListener, PgPoolOptions},
};

use super::DeliveryQueue;
use crate::db::{DbError, connection::failed};

/// The channel of Postgres on which processes wake each other.
pub(super) const CHANNEL: &str = "tenantry_events";

/// Hears other processes. On SQLite nothing is ever heard.
pub struct NotificationListener {
    listener: Option<PgListener>,
}

impl DeliveryQueue {
    /// Begins to hear, on a connection of its own.
    ///
    /// # Errors
    /// When no connection can be had.
    pub async fn listen(&self) -> Result<NotificationListener, DbError> {
        let Some(connect) = self.database.postgres() else {
            return Ok(NotificationListener { listener: None });
        };
        // Not one of the pool's: it is kept for as long as the process lives, under a name of
        // its own, so that nobody takes it for one that answers requests.
        let own: PgPool = PgPoolOptions::new()
            .max_connections(1)
            .connect_lazy_with(connect.clone().application_name("tenantry-wakes"));
        let listen = async {
            let mut listener = PgListener::connect_with(&own).await?;
            listener.listen(CHANNEL).await?;
            Ok(listener)
        };
        let listener = listen.await.map_err(|error| DbError::from(failed(error)))?;
        Ok(NotificationListener {
            listener: Some(listener),
        })
    }
}

impl NotificationListener {
    /// Waits until another process says that there is something to do.
    ///
    /// # Errors
    /// When the connection is lost; then what was said meanwhile is lost, too.
    pub async fn next(&mut self) -> Result<(), DbError> {
        match &mut self.listener {
            None => std::future::pending().await,
            Some(listener) => match listener.try_recv().await {
                Ok(_) => Ok(()),
                Err(error) => Err(failed(error).into()),
            },
        }
    }
}
