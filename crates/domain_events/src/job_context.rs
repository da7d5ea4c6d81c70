//! The context in which a handler does a job.

use tenantry_core::{
    access::TenantContext,
    db::UnitOfWork,
    id::{OrganizationId, Uuid},
};

use crate::EventContext;

/// One attempt at a job.
///
/// It holds one unit of work, committed when the handler returns, together with the end of the job, and
/// the context of the organization that the job was enqueued in. There is no other way to rows.
pub struct JobContext(EventContext<OrganizationId>);

impl JobContext {
    pub(crate) const fn new(context: EventContext<OrganizationId>) -> Self {
        Self(context)
    }

    /// The job's id, the same in every attempt: the idempotency key for what is done elsewhere.
    #[must_use]
    pub const fn id(&self) -> Uuid {
        self.0.envelope().id.uuid()
    }

    /// The context of the job's organization, in which the system acts as an owner, on behalf of the
    /// user who caused the job.
    #[must_use]
    pub const fn tenant_context(&self) -> &TenantContext {
        self.0.tenant_context()
    }

    /// The unit of work. It takes a connection when its rows are first requested: do slow work,
    /// such as a call to another server, before that.
    pub const fn work(&mut self) -> &mut UnitOfWork {
        self.0.work()
    }

    pub(crate) fn into_event_context(self) -> EventContext<OrganizationId> {
        self.0
    }
}
