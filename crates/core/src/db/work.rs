//! The unit of work: several writes that happen together or not at all, and the events that
//! tell of them.

mod single_statement;

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use tracing::Instrument as _;

use super::{
    Database, DbError, GlobalRows, Rows, TenantRows,
    connection::Connection,
    scope::{Global, Tenant},
    tenant_setting::tenant_setting,
};
use crate::{
    access::{Actor, Grant},
    event::{DomainEvent, Envelope},
    id::OrganizationId,
    outbox::{Delivery, DeliveryQueue, append, take},
    runtime::Runtime,
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
    delivery: Option<Delivery>,
    was_already_handled: bool,
}

impl UnitOfWork {
    pub(crate) fn new(database: Database, actor: Actor) -> Self {
        Self {
            database,
            actor,
            connection: None,
            organization: None,
            events: Vec::new(),
            delivery: None,
            was_already_handled: false,
        }
    }

    /// Makes it the unit of work in which this delivery is done.
    pub(crate) fn deliver(&mut self, delivery: Delivery) {
        self.organization = delivery.organization;
        self.delivery = Some(delivery);
    }

    /// Whether somebody else had handled the delivery that this was begun for; then every
    /// statement was refused.
    #[must_use]
    pub const fn was_already_handled(&self) -> bool {
        self.was_already_handled
    }

    /// The clock and the randomness of its database.
    #[must_use]
    pub fn runtime(&self) -> &Runtime {
        self.database.runtime()
    }

    /// The rows of the grant's organization.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when no connection can be had.
    pub async fn tenant<P>(&mut self, grant: &Grant<P>) -> Result<TenantRows<'_>, DbError> {
        let organization = grant.organization();
        if self.organization != Some(organization) {
            if let Some(connection) = &self.connection {
                self.database
                    .name_tenant(connection, Some(organization))
                    .await?;
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
        let connection = self.connected().await?;
        let connection = self.connection.insert(connection);
        Ok(Rows::borrowing(
            connection,
            scope,
            self.database.cursor_key(),
        ))
    }

    /// The connection, begun if it was not yet.
    async fn connected(&mut self) -> Result<Connection, DbError> {
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        let connection = self.database.transaction(self.organization).await?;
        if let Some(delivery) = &self.delivery
            && !take(&connection, delivery).await?
        {
            self.was_already_handled = true;
            return Err(DbError::AlreadyHandled);
        }
        Ok(connection)
    }

    /// Records what happened. It is told after the commit, and never if there is none.
    pub fn record<E: DomainEvent>(&mut self, event: &E) {
        let envelope = Envelope::encode(event, self.actor, self.database.runtime());
        self.events.push(envelope);
    }

    /// Makes everything permanent, then tells the recorded events.
    ///
    /// # Errors
    /// When the database refuses, and [`DbError::RolledBack`] when it refused a statement before:
    /// then nothing happened and nothing is told.
    pub async fn commit(self) -> Result<(), DbError> {
        let database = self.database.clone();
        finish(
            database,
            async move { Ok(((), self.make_permanent().await?)) },
        )
        .await
    }

    /// Writes the events to the log and commits. The events know their place in the log then.
    async fn make_permanent(mut self) -> Result<Vec<Envelope>, DbError> {
        let mut events = std::mem::take(&mut self.events);
        if self.connection.is_none() {
            if events.is_empty() && self.delivery.is_none() {
                return Ok(events);
            }
            if let (None, Some(first)) = (self.organization, events.first()) {
                self.organization = first.organization_id;
            }
        }
        let connection = self.connected().await?;
        if connection.has_failed() {
            return Err(DbError::RolledBack);
        }
        // Everybody writes to streams in one order: two who write to the same ones would else
        // each wait for the other.
        let mut told: Vec<_> = events.iter_mut().collect();
        told.sort_by_key(|event| event.stream_id);
        for story in told.chunk_by_mut(|one, next| one.stream_id == next.stream_id) {
            let organization = story[0].organization_id;
            if self.organization != organization {
                self.database.name_tenant(&connection, organization).await?;
                self.organization = organization;
            }
            append(&self.database, &connection, story).await?;
        }
        if !events.is_empty() {
            self.database.runtime().failpoint("events.logged").await;
        }
        connection.commit().await?;
        Ok(events)
    }
}

/// Makes something permanent, then tells the events that it gave.
///
/// A task of its own: a caller who hangs up can't come between the commit and the events.
async fn finish<T: Send + 'static>(
    database: Database,
    permanent: impl Future<Output = Result<(T, Vec<Envelope>), DbError>> + Send + 'static,
) -> Result<T, DbError> {
    let finish = async move {
        let (made, events) = permanent.await?;
        if !events.is_empty() {
            let (publisher, queue) = (database.publisher(), DeliveryQueue::new(database));
            let told = AssertUnwindSafe(publisher.publish(&queue, events)).catch_unwind();
            // The commit stands, whatever becomes of those who are told.
            if told.await.is_err() {
                tracing::error!("the publisher of events panicked");
            }
        }
        Ok(made)
    };
    let finish = tokio::spawn(finish.in_current_span());
    finish.await.unwrap_or_else(|ended| {
        let reason = format!("the commit did not finish: {ended}");
        Err(DbError::Statement(sea_orm::DbErr::Custom(reason)))
    })
}

impl Database {
    /// Names another organization, or none, in the middle of a transaction.
    async fn name_tenant(
        &self,
        connection: &Connection,
        organization: Option<OrganizationId>,
    ) -> Result<(), DbError> {
        match self.backend() {
            super::Backend::Postgres => Ok(connection.run(tenant_setting(organization)).await?),
            super::Backend::Sqlite => Ok(()),
        }
    }
}
