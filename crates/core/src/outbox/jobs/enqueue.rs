//! Inserts jobs, in the transaction of the unit of work that enqueues them.

use crate::{
    access::{ActedBy, Actor},
    clock::Timestamp,
    db::{DbError, connection::Connection},
    digest::sha256,
    id::{OrganizationId, Uuid},
    job::NewJob,
    runtime::Runtime,
};

/// A job that is inserted with the commit.
pub(crate) struct PendingJob {
    pub(crate) organization: OrganizationId,
    id: Uuid,
    number: i64,
    job: NewJob,
    created_at: Timestamp,
}

impl PendingJob {
    pub(crate) fn new(organization: OrganizationId, job: NewJob, runtime: &Runtime) -> Self {
        // Random: a counter would serialize the commits of an organization.
        let random = i64::from_le_bytes(runtime.random_bytes()) & i64::MAX;
        Self {
            organization,
            id: runtime.new_id(),
            number: -1 - random,
            job,
            created_at: runtime.now(),
        }
    }

    /// Its name, if it is due now.
    pub(crate) fn due_now(&self) -> Option<&'static str> {
        let is_due = self.job.at.is_none_or(|at| at <= self.created_at);
        is_due.then_some(self.job.name)
    }
}

/// Inserts a job, unless one with its key waits. The transaction's tenant is its organization.
///
/// The insert waits for a transaction that handles a job of the same key.
pub(crate) async fn insert_job(
    connection: &Connection,
    pending: PendingJob,
    actor: &Actor,
) -> Result<(), DbError> {
    let PendingJob {
        organization,
        id,
        number,
        job,
        created_at,
    } = pending;
    // The queue holds no content, and a key may name what it is about.
    let key = job.key.as_deref().map(sha256);
    let inserted = connection.query(
        "INSERT INTO event_deliveries (listener, stream_id, number, in_organization, event_id,
           event_name, recorded_at, attempts, next_attempt_at, unique_key)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (listener, stream_id, unique_key) WHERE unique_key IS NOT NULL DO NOTHING
         RETURNING number",
        [
            job.name.into(),
            organization.into(),
            number.into(),
            true.into(),
            id.into(),
            job.name.into(),
            created_at.into(),
            0.into(),
            job.at.unwrap_or(created_at).max(created_at).into(),
            key.into(),
        ],
    );
    if inserted.await?.is_empty() {
        return Ok(());
    }
    let token = match &actor.by {
        ActedBy::Token { id, name } => Some((*id, name.as_deref())),
        _ => None,
    };
    let inserted = connection.query(
        "INSERT INTO jobs (organization_id, id, name, payload, created_at, actor_id, request_id,
           acted_by, token_id, token_name)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        [
            organization.into(),
            id.into(),
            job.name.into(),
            job.payload.into(),
            created_at.into(),
            actor.user.into(),
            actor.request.into(),
            actor.by.as_str().into(),
            token.map(|(id, _)| id).into(),
            token.and_then(|(_, name)| name).into(),
        ],
    );
    inserted.await?;
    Ok(())
}
