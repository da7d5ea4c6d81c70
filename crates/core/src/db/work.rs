//! The unit of work: writes that are committed together, and the events recorded with them.

mod jobs;
mod pending_insert;
mod single_statement;

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use sea_orm::{IntoActiveModel, TryIntoModel};
use tokio::time::timeout;
use tracing::Instrument as _;

use self::pending_insert::{Insert, PendingInsert};
use super::{
    Backend, Database, DbError, GlobalRows, Rows, Scope, Scoped, TenantRows,
    connection::Connection,
    database::DeliveryQueue,
    error::no_reply,
    scope::{Global, Tenant},
    tenant_setting::set_local_tenant,
};
use crate::{
    access::{Actor, Grant},
    event::{Changes, Client, DomainEvent, Envelope},
    id::{OrganizationId, UserId, Uuid},
    outbox::{Delivery, PendingJob, acknowledge, append},
    runtime::Runtime,
};

/// A transaction, and the events recorded and the jobs enqueued in it.
///
/// Dropped without [`commit`](Self::commit), it is rolled back: its events are not published, and its
/// jobs are not done.
#[must_use = "a unit of work that is not committed is rolled back"]
pub struct UnitOfWork {
    database: Database,
    actor: Actor,
    connection: Option<Connection>,
    organization: Option<OrganizationId>,
    /// The organization in whose share of the connections it counts, if it isn't `organization`.
    share_of: Option<OrganizationId>,
    pending: Option<Box<dyn PendingInsert>>,
    events: Vec<Envelope>,
    jobs: Vec<PendingJob>,
    delivery: Option<Delivery>,
    was_already_handled: bool,
}

impl Database {
    /// Starts a unit of work. No statement is sent before its rows are first accessed.
    pub fn begin(&self, actor: impl Into<Actor>) -> UnitOfWork {
        UnitOfWork {
            database: self.clone(),
            actor: actor.into(),
            connection: None,
            organization: None,
            share_of: None,
            pending: None,
            events: Vec::new(),
            jobs: Vec::new(),
            delivery: None,
            was_already_handled: false,
        }
    }

    /// Changes the tenant of a running transaction.
    async fn set_tenant(
        &self,
        connection: &Connection,
        tenant: Option<OrganizationId>,
    ) -> Result<(), DbError> {
        match self.backend() {
            Backend::Postgres => Ok(connection.execute(set_local_tenant(tenant)).await?),
            Backend::Sqlite => Ok(()),
        }
    }
}

impl UnitOfWork {
    /// Acknowledges this delivery in the transaction.
    pub(crate) fn bind_delivery(&mut self, delivery: Delivery) {
        self.organization = delivery.organization;
        self.delivery = Some(delivery);
    }

    /// Whether another process has handled the delivery of this unit of work. If so, every access
    /// to rows fails.
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
    /// [`DbError::Unavailable`] when no connection is available.
    pub async fn tenant<P>(&mut self, grant: &Grant<P>) -> Result<TenantRows<'_>, DbError> {
        self.send_pending().await?;
        let organization = grant.organization();
        if self.organization != Some(organization) {
            if let Some(connection) = &self.connection {
                self.database
                    .set_tenant(connection, Some(organization))
                    .await?;
            }
            self.organization = Some(organization);
        }
        self.rows(Tenant(organization)).await
    }

    /// Takes its connection out of the organization's share, if it has none yet. For units of work
    /// that begin with a row which only the organization's requests wait for.
    pub fn in_share_of(&mut self, organization: OrganizationId) {
        self.share_of = Some(organization);
    }

    /// The rows of tables that belong to no organization.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when no connection is available.
    pub async fn global(&mut self) -> Result<GlobalRows<'_>, DbError> {
        self.send_pending().await?;
        self.rows(Global).await
    }

    /// Inserts a row of the grant's organization, and returns it.
    ///
    /// The first statement of a unit of work is not sent before the next one or
    /// [`commit`](Self::commit), which then fails with the errors of the insert. If nothing else
    /// follows, `commit` writes the row and its events in one statement.
    ///
    /// # Errors
    /// As [`Rows::insert`].
    pub async fn insert<E>(
        &mut self,
        grant: &Grant<impl Sized>,
        mut row: E::ActiveModel,
    ) -> Result<E::Model, DbError>
    where
        E: Scoped<Tenant>,
        E::Model: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: TryIntoModel<E::Model> + Clone + Send + Sync + 'static,
    {
        let tenant = Tenant(grant.organization());
        if self.connection.is_none() && self.pending.is_none() {
            tenant.assign_tenant::<E>(&mut row)?;
            // A row with columns that the database fills in is only known after its insert.
            if let Ok(model) = row.clone().try_into_model() {
                self.organization = Some(tenant.0);
                self.pending = Some(Box::new(Insert::<E> { tenant, row }));
                return Ok(model);
            }
        }
        self.tenant(grant).await?.insert::<E>(row).await
    }

    /// Sends an insert that was not sent yet.
    async fn send_pending(&mut self) -> Result<(), DbError> {
        let Some(insert) = self.pending.take() else {
            return Ok(());
        };
        let rows = self.rows(insert.tenant()).await?;
        insert.execute(rows).await
    }

    async fn rows<S: Scope>(&mut self, scope: S) -> Result<Rows<'_, S>, DbError> {
        let connection = self.ensure_transaction().await?;
        let connection = self.connection.insert(connection);
        Ok(Rows::borrowing(
            connection,
            scope,
            self.database.cursor_key(),
        ))
    }

    /// The holder of the share that the connection is taken from: the organization, or else the user.
    fn holder(&self) -> Option<Uuid> {
        let organization = self.organization.or(self.share_of);
        let organization = organization.map(OrganizationId::uuid);
        organization.or(self.actor.user.map(UserId::uuid))
    }

    /// The connection; starts the transaction on first use.
    async fn ensure_transaction(&mut self) -> Result<Connection, DbError> {
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        let connection = self
            .database
            .transaction(self.organization, self.holder())
            .await?;
        if let Some(delivery) = &self.delivery
            && !acknowledge(&connection, delivery).await?
        {
            self.was_already_handled = true;
            return Err(DbError::AlreadyHandled);
        }
        Ok(connection)
    }

    /// Records an event. It is published after the commit, and only then.
    pub fn record<E: DomainEvent>(&mut self, event: &E) {
        self.record_with(event, Changes::default(), None);
    }

    /// Records an event, and the values before and after it for the audit log.
    pub fn record_change<E: DomainEvent>(&mut self, event: &E, changes: Changes) {
        self.record_with(event, changes, None);
    }

    /// Records a sign-in, and its client for the activity log of the user.
    pub fn record_sign_in<E: DomainEvent<Stream = UserId>>(
        &mut self,
        event: &E,
        client: Option<Client>,
    ) {
        self.record_with(event, Changes::default(), client);
    }

    fn record_with<E: DomainEvent>(&mut self, event: &E, changes: Changes, client: Option<Client>) {
        let mut envelope = Envelope::encode(event, &self.actor, self.database.runtime());
        envelope.details.changes = changes;
        envelope.details.client = client;
        self.events.push(envelope);
    }

    /// Commits, then publishes the recorded events.
    ///
    /// # Errors
    /// When the database fails, and [`DbError::RolledBack`] after a failed statement: then nothing
    /// was written and nothing is published.
    pub async fn commit(self) -> Result<(), DbError> {
        let (database, due) = (self.database.clone(), self.due_jobs());
        commit_and_publish(database, due, self.append_events_and_commit()).await
    }

    /// Returns the events with their numbers in the log.
    async fn append_events_and_commit(mut self) -> Result<Vec<Envelope>, DbError> {
        if let Some(insert) = self.pending.take() {
            if let Some(connection) = self.eligible_connection(&*insert).await? {
                return self.insert_with_events(connection, insert).await;
            }
            self.pending = Some(insert);
            self.send_pending().await?;
        }
        let mut events = std::mem::take(&mut self.events);
        if self.connection.is_none() {
            if events.is_empty() && self.jobs.is_empty() && self.delivery.is_none() {
                return Ok(events);
            }
            if self.organization.is_none() {
                let of_job = self.jobs.first().map(|job| job.organization);
                let of_event = events.first().and_then(|event| event.organization_id);
                self.organization = of_job.or(of_event);
            }
        }
        let connection = self.ensure_transaction().await?;
        if connection.has_failed() {
            return Err(DbError::RolledBack);
        }
        self.insert_jobs(&connection).await?;
        // All transactions lock streams in the same order, so that two can't deadlock.
        let mut ordered: Vec<_> = events.iter_mut().collect();
        ordered.sort_by_key(|event| event.stream_id);
        for stream in ordered.chunk_by_mut(|one, next| one.stream_id == next.stream_id) {
            let organization = stream[0].organization_id;
            if self.organization != organization {
                self.database.set_tenant(&connection, organization).await?;
                self.organization = organization;
            }
            append(&self.database, &connection, stream).await?;
        }
        if !events.is_empty() {
            self.database.runtime().failpoint("events.logged").await;
        }
        connection.commit().await?;
        Ok(events)
    }
}

/// Commits, then publishes the committed events.
///
/// It runs in its own task: a client that disconnects can't cancel it between the commit and the
/// publication.
async fn commit_and_publish(
    database: Database,
    due_jobs: Vec<&'static str>,
    commit: impl Future<Output = Result<Vec<Envelope>, DbError>> + Send + 'static,
) -> Result<(), DbError> {
    let task = async move {
        let events = match database.commit_timeout() {
            Some(limit) => timeout(limit, commit).await.map_err(no_reply)??,
            None => commit.await?,
        };
        if !events.is_empty() || !due_jobs.is_empty() {
            let (publisher, queue) = (database.publisher(), DeliveryQueue::new(database));
            let publish = async {
                if !due_jobs.is_empty() {
                    publisher.enqueued(&queue, due_jobs).await;
                }
                if !events.is_empty() {
                    publisher.publish(&queue, events).await;
                }
            };
            let published = AssertUnwindSafe(publish).catch_unwind();
            // The commit stands, whatever happens in a listener.
            if published.await.is_err() {
                tracing::error!("the publisher of events panicked");
            }
        }
        Ok(())
    };
    let task = tokio::spawn(task.in_current_span());
    task.await.unwrap_or_else(|error| {
        let reason = format!("the commit did not finish: {error}");
        Err(DbError::Statement(sea_orm::DbErr::Custom(reason)))
    })
}
