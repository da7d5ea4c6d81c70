//! Reading the log of one organization or of one user.

use async_trait::async_trait;
use tenantry_core::{
    access::{Permission as _, PermissionInfo, SessionCaller, TenantContext},
    clock::Timestamp,
    db::{ColumnFilter as _, Database, Filter, KeysetOrder},
    id::UserId,
    orm::Order,
    page::{Page, PageRequest},
    permission,
};

use crate::{
    AuditError, entity,
    model::{ActedBy, ActingToken, AuditEntry, SignInClient},
    user_entry,
};

permission!(
    /// See who did what in the organization.
    ViewAuditLog = "audit_log.view", Admin
);

/// Every permission of this module.
pub const PERMISSIONS: &[PermissionInfo] = &[ViewAuditLog::INFO];

/// Which entries to list.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only events of this wire name.
    pub action: Option<String>,
    /// Only events by this actor.
    pub actor: Option<UserId>,
    /// Only events at or after this moment.
    pub from: Option<Timestamp>,
    /// Only events before this moment.
    pub to: Option<Timestamp>,
}

/// The audit log of organizations, and the activity log of users.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// One page of the events of the context's organization, newest first.
    ///
    /// # Errors
    /// [`AuditError::PermissionDenied`] for roles below admin.
    async fn list(
        &self,
        ctx: &TenantContext,
        wanted: &AuditFilter,
        request: &PageRequest,
    ) -> Result<Page<AuditEntry>, AuditError>;

    /// One page of the events of the caller's account, newest first: what happened to it, and what
    /// the caller did outside of organizations.
    ///
    /// # Errors
    /// When the page request is invalid or the database fails.
    async fn activity(
        &self,
        caller: &SessionCaller,
        wanted: &AuditFilter,
        request: &PageRequest,
    ) -> Result<Page<AuditEntry>, AuditError>;
}

/// The filter for the columns of either table.
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
    ($row:expr) => {{
        let row = $row;
        let name = row.token_name;
        let token = row.token_id.map(|id| ActingToken { id, name });
        let (address, program) = (row.client_address, row.client_program);
        let is_known = address.is_some() || program.is_some();
        AuditEntry {
            id: row.id,
            action: row.name,
            actor: row.actor_id,
            actor_name: row.actor_name,
            actor_email: row.actor_email,
            by: row.acted_by.as_deref().and_then(ActedBy::of),
            token,
            client: is_known.then_some(SignInClient { address, program }),
            occurred_at: row.occurred_at,
            request_id: row.request_id,
            changes: row
                .changes
                .and_then(|changes| serde_json::from_value(changes).ok()),
            data: row.payload,
        }
    }};
}

/// The audit log on the database.
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
            .filter(entity::Column::StreamId.eq(grant.organization().uuid()));
        let selection = matching!(entity::Column, wanted);
        let newest = newest!(entity::Column);
        let page = found.selected_page(selection, &newest, request).await?;
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
            .find::<user_entry::Entity>()
            .filter(user_entry::Column::UserId.eq(user));
        let (owner, selection) = (Some(user.uuid()), matching!(user_entry::Column, wanted));
        let newest = newest!(user_entry::Column);
        let page = found.selected_page_for_owner(owner, selection, &newest, request);
        let page = page.await?;
        Ok(page.map(|row| entry!(row)))
    }
}
