//! What every listener is still to be told.

use tenantry_core::{db::DbError, outbox::Backlog};

use super::App;

impl App {
    /// What every listener is still to be told, those who are to be told nothing among them. One
    /// that no module registers any more is there for as long as something waits for it.
    ///
    /// # Errors
    /// When the database refuses.
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
