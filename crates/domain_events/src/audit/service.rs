//! Reading the log of one organization.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    access::{Permission as _, PermissionInfo, TenantContext},
    clock::Timestamp,
    db::{ColumnFilter as _, Database, Sort},
    id::{EventId, UserId, Uuid},
    orm::Order,
    page::{Page, PageRequest},
    permission,
};

use super::{
    AuditError,
    entity::{Column, Entity, Model},
};

permission!(
    /// See who did what in the organization.
    ViewAuditLog = "audit_log.view", Admin
);

/// Every permission of this module.
pub const PERMISSIONS: &[PermissionInfo] = &[ViewAuditLog::INFO];

/// Something that somebody did.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Entry {
    /// The event's id.
    pub id: EventId,
    /// What was done: the event's wire name.
    pub action: String,
    /// Who did it; nobody where the system itself acted.
    pub actor: Option<UserId>,
    /// When.
    pub occurred_at: Timestamp,
    /// The request that it was done with.
    pub request_id: Option<Uuid>,
    /// To what: the event's own ids and state.
    pub data: serde_json::Value,
}

/// Which entries to list.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Those of this wire name.
    pub action: Option<String>,
    /// What this person did.
    pub actor: Option<UserId>,
    /// What happened at that moment or after it.
    pub from: Option<Timestamp>,
    /// What happened before that moment.
    pub to: Option<Timestamp>,
}

/// The audit log of an organization.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// One page of what was done in the context's organization, the newest first.
    ///
    /// # Errors
    /// [`AuditError::PermissionDenied`] below an admin.
    async fn list(
        &self,
        ctx: &TenantContext,
        wanted: &AuditFilter,
        request: &PageRequest,
    ) -> Result<Page<Entry>, AuditError>;
}

/// The audit log over the database.
pub struct AuditService {
    database: Database,
}

/// The service.
#[must_use]
pub const fn service(database: Database) -> AuditService {
    AuditService { database }
}

#[async_trait]
impl AuditLog for AuditService {
    async fn list(
        &self,
        ctx: &TenantContext,
        wanted: &AuditFilter,
        request: &PageRequest,
    ) -> Result<Page<Entry>, AuditError> {
        let grant = ctx.require::<ViewAuditLog>()?;
        let rows = self.database.read(&grant).await?;
        let newest = Sort {
            name: "-number",
            columns: vec![Column::Number],
            order: Order::Desc,
        };
        // The key begins with the stream, and an organization's stream has its id.
        let mut found = rows
            .find::<Entity>()
            .filter(Column::StreamId.eq(grant.organization().uuid()));
        if let Some(action) = &wanted.action {
            found = found.filter(Column::Name.eq(action.clone()));
        }
        if let Some(actor) = wanted.actor {
            found = found.filter(Column::ActorId.eq(actor));
        }
        if let Some(from) = wanted.from {
            found = found.filter(Column::OccurredAt.lt(from).not());
        }
        if let Some(to) = wanted.to {
            found = found.filter(Column::OccurredAt.lt(to));
        }
        let page = found.page(&newest, request).await?;
        Ok(page.map(Entry::from))
    }
}

impl From<Model> for Entry {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            action: row.name,
            actor: row.actor_id,
            occurred_at: row.occurred_at,
            request_id: row.request_id,
            data: row.payload,
        }
    }
}
