//! The undelivered events of every listener.

use tenantry_core::{db::DbError, outbox::Backlog};

use super::App;

impl App {
    /// The pending deliveries of every listener, including listeners with none. A listener that is
    /// no longer registered is included while it has deliveries.
    ///
    /// # Errors
    /// When the query fails.
    pub async fn backlog(&self) -> Result<Vec<Backlog>, DbError> {
        let mut backlog = self.queue().backlog().await?;
        for listener in self.bus().names() {
            if backlog.iter().all(|it| it.listener != listener) {
                backlog.push(Backlog::none(listener));
            }
        }
        backlog.sort_by(|one, other| one.listener.cmp(&other.listener));
        Ok(backlog)
    }
}
