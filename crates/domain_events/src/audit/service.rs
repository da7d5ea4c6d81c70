//! Reading the log of one organization, or of one person.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    access::{Permission as _, PermissionInfo, SessionCaller, TenantContext},
    clock::Timestamp,
    db::{ColumnFilter as _, Database, Filter, KeysetOrder},
    id::{EventId, UserId, Uuid},
    orm::Order,
    page::{Page, PageRequest},
    permission,
};

use super::{AuditError, entity, own};

permission!(
    /// See who did what in the organization.
    ViewAuditLog = "audit_log.view", Admin
);

/// Every permission of this module.
pub const PERMISSIONS: &[PermissionInfo] = &[ViewAuditLog::INFO];

/// Something that somebody did.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "Entry")]
pub struct AuditEntry {
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
    ) -> Result<Page<AuditEntry>, AuditError>;

    /// One page of what happened to the caller's own account, and what he did outside of all
    /// organizations, the newest first.
    ///
    /// # Errors
    /// When the page can't be given.
    async fn activity(
        &self,
        caller: &SessionCaller,
        wanted: &AuditFilter,
        request: &PageRequest,
    ) -> Result<Page<AuditEntry>, AuditError>;
}

/// The entries that are wanted, of an organization or of a person.
macro_rules! matching {
    ($columns:ty, $wanted:expr) => {{
        let AuditFilter {
            action,
            actor,
            from,
            to,
        } = $wanted;
        let mut all = Vec::new();
        all.extend(action.clone().map(|action| <$columns>::Name.eq(action)));
        all.extend(actor.map(|actor| <$columns>::ActorId.eq(actor)));
        all.extend(from.map(|from| <$columns>::OccurredAt.lt(from).not()));
        all.extend(to.map(|to| <$columns>::OccurredAt.lt(to)));
        Filter::all(all)
    }};
}

macro_rules! newest {
    ($columns:ty) => {
        KeysetOrder {
            name: "-number",
            columns: vec![<$columns>::Number],
            order: Order::Desc,
        }
    };
}

macro_rules! entry {
    ($row:expr) => {
        AuditEntry {
            id: $row.id,
            action: $row.name,
            actor: $row.actor_id,
            occurred_at: $row.occurred_at,
            request_id: $row.request_id,
            data: $row.payload,
        }
    };
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
    ) -> Result<Page<AuditEntry>, AuditError> {
        let grant = ctx.require::<ViewAuditLog>()?;
        let rows = self.database.read(&grant);
        // The key begins with the stream, and an organization's stream has its id.
        let found = rows
            .find::<entity::Entity>()
            .filter(entity::Column::StreamId.eq(grant.organization().uuid()))
            .filter(matching!(entity::Column, wanted));
        let page = found.page(&newest!(entity::Column), request).await?;
        Ok(page.map(|row| entry!(row)))
    }

    async fn activity(
        &self,
        caller: &SessionCaller,
        wanted: &AuditFilter,
        request: &PageRequest,
    ) -> Result<Page<AuditEntry>, AuditError> {
        let rows = self.database.read_global();
        let user = caller.user();
        let found = rows
            .find::<own::Entity>()
            .filter(own::Column::UserId.eq(user))
            .filter(matching!(own::Column, wanted));
        let newest = newest!(own::Column);
        let page = found.page_for_owner(Some(user.uuid()), &newest, request);
        let page = page.await?;
        Ok(page.map(|row| entry!(row)))
    }
}
