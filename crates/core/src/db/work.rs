//! The unit of work: several writes that happen together or not at all, and the events that
//! tell of them.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;

use super::{
    Database, DbError, GlobalRows, Rows, TenantRows,
    connection::Connection,
    database::tenant_setting,
    scope::{Global, Tenant},
};
use crate::{
    access::{Actor, Grant},
    event::{DomainEvent, Envelope},
    id::OrganizationId,
};

/// One unit of work: a transaction and the events recorded on it.
///
/// Dropped without [`commit`](Self::commit), it leaves nothing behind, and nobody hears of it.
#[must_use = "a unit of work that is not committed is undone"]
pub struct UnitOfWork {
    database: Database,
    actor: Actor,
    connection: Option<Connection>,
    organization: Option<OrganizationId>,
    events: Vec<Envelope>,
}

impl UnitOfWork {
    pub(super) fn new(database: Database, actor: Actor) -> Self {
        Self {
            database,
            actor,
            connection: None,
            organization: None,
            events: Vec::new(),
        }
    }

    /// The rows of the grant's organization.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when no connection can be had.
    pub async fn tenant<P>(&mut self, grant: &Grant<P>) -> Result<TenantRows<'_>, DbError> {
        let organization = grant.organization();
        if self.organization != Some(organization) {
            if let Some(connection) = &self.connection {
                self.database.name_tenant(connection, organization).await?;
            }
            self.organization = Some(organization);
        }
        self.rows(Tenant(organization)).await
    }

    /// The rows of tables that belong to no organization.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when no connection can be had.
    pub async fn global(&mut self) -> Result<GlobalRows<'_>, DbError> {
        self.rows(Global).await
    }

    async fn rows<S: super::Scope>(&mut self, scope: S) -> Result<Rows<'_, S>, DbError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.database.transaction(self.organization).await?,
        };
        let connection = self.connection.insert(connection);
        Ok(Rows::borrowing(
            connection,
            scope,
            self.database.cursor_key(),
        ))
    }

    /// Records what happened. It is told after the commit, and never if there is none.
    pub fn record<E: DomainEvent>(&mut self, event: &E) {
        let envelope = Envelope::seal(event, self.actor, self.database.sources());
        self.events.push(envelope);
    }

    /// Makes everything permanent, then tells the recorded events.
    ///
    /// # Errors
    /// When the database refuses, and [`DbError::Undone`] when it refused a statement before:
    /// then nothing happened and nothing is told.
    pub async fn commit(self) -> Result<(), DbError> {
        let Self {
            database,
            connection,
            events,
            ..
        } = self;
        let publisher = database.publisher();
        // A task of its own: a caller who hangs up can't come between the commit and the events.
        let finish = tokio::spawn(async move {
            if let Some(connection) = connection {
                connection.commit().await?;
            }
            if !events.is_empty() {
                let told = AssertUnwindSafe(publisher.publish(events)).catch_unwind();
                // The commit stands, whatever becomes of those who are told.
                if told.await.is_err() {
                    tracing::error!("the publisher of events panicked");
                }
            }
            Ok(())
        });
        finish.await.unwrap_or_else(|ended| {
            let reason = format!("the commit did not finish: {ended}");
            Err(DbError::Statement(sea_orm::DbErr::Custom(reason)))
        })
    }
}

impl Database {
    /// Names another organization in the middle of a transaction.
    async fn name_tenant(
        &self,
        connection: &Connection,
        organization: OrganizationId,
    ) -> Result<(), DbError> {
        match self.backend() {
            super::Backend::Postgres => Ok(connection.run(tenant_setting(organization)).await?),
            super::Backend::Sqlite => Ok(()),
        }
    }
}
