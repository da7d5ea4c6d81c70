//! Notifications between processes that deliveries are due.

use sea_orm::sqlx::{
    self, PgPool,
    postgres::{PgListener, PgPoolOptions},
};

use super::DeliveryQueue;
use crate::db::{Backend, DbError};

/// The channel of `LISTEN` and `NOTIFY`.
const CHANNEL: &str = "tenantry_events";

/// Receives the notifications of other processes. On SQLite there are none.
pub struct NotificationListener {
    listener: Option<PgListener>,
}

impl DeliveryQueue {
    /// Starts to listen, on a connection outside of the pools.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn listen(&self) -> Result<NotificationListener, DbError> {
        let Some(connect) = self.database().connect_options() else {
            return Ok(NotificationListener { listener: None });
        };
        // It lives as long as the process; its application name tells it from the connections that
        // serve requests.
        let pool: PgPool = PgPoolOptions::new()
            .max_connections(1)
            .connect_lazy_with(connect.clone().application_name("tenantry-wakes"));
        let listen = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen(CHANNEL).await?;
            Ok::<_, sqlx::Error>(listener)
        };
        Ok(NotificationListener {
            listener: Some(listen.await?),
        })
    }

    /// Wakes the dispatchers of other processes before their next poll.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn notify_others(&self) -> Result<(), DbError> {
        if self.database().backend() == Backend::Postgres {
            let connection = self.database().transaction(None, None).await?;
            connection.execute(format!("NOTIFY {CHANNEL}")).await?;
            connection.commit().await?;
        }
        Ok(())
    }
}

impl NotificationListener {
    /// Waits for the next notification.
    ///
    /// # Errors
    /// When the connection is lost; notifications until the next `listen` are lost, too.
    pub async fn next(&mut self) -> Result<(), DbError> {
        match &mut self.listener {
            None => std::future::pending().await,
            Some(listener) => {
                listener.try_recv().await?;
                Ok(())
            }
        }
    }
}
