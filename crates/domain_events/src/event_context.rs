//! The context in which a listener handles an event.

use std::marker::PhantomData;

use tenantry_core::{
    access::TenantContext,
    db::{DbError, UnitOfWork},
    event::{Envelope, Stream},
    id::OrganizationId,
    outbox::Attempt,
};

/// The handling of one event by one listener.
///
/// It holds one unit of work, committed when the listener returns, together with the
/// acknowledgement of the delivery. So what is written here takes effect once, however often the
/// event is delivered, and events recorded here are published once.
pub struct EventContext<S: Stream> {
    envelope: Envelope,
    work: UnitOfWork,
    context: Option<TenantContext>,
    stream: PhantomData<S>,
}

impl<S: Stream> EventContext<S> {
    pub(crate) fn new(attempt: Attempt, envelope: Envelope) -> Self {
        Self {
            envelope,
            work: attempt.work,
            context: attempt.context,
            stream: PhantomData,
        }
    }

    /// The event's envelope: its time, actor and request.
    #[must_use]
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The unit of work. It takes a connection when its rows are first requested: do slow work,
    /// such as a call to another server, before that.
    pub const fn work(&mut self) -> &mut UnitOfWork {
        &mut self.work
    }

    /// Commits, after the listener returned.
    pub(crate) async fn finish(self) -> Result<(), DbError> {
        finish(self.work).await
    }
}

/// Commits an attempt. A delivery that was handled before is left unchanged.
pub(crate) async fn finish(work: UnitOfWork) -> Result<(), DbError> {
    match work.commit().await {
        Err(DbError::AlreadyHandled) => Ok(()),
        finished => finished,
    }
}

impl EventContext<OrganizationId> {
    /// The context of the event's organization, in which the system acts as an owner.
    ///
    /// An event of a user has none, so its listener can't reach the rows of any organization:
    ///
    /// ```compile_fail,E0599
    /// use tenantry_core::id::UserId;
    /// use tenantry_domain_events::EventContext;
    ///
    /// fn of_a_user(context: &EventContext<UserId>) {
    ///     context.tenant_context();
    /// }
    /// ```
    ///
    /// ```
    /// use tenantry_core::id::OrganizationId;
    /// use tenantry_domain_events::EventContext;
    ///
    /// fn of_an_organization(context: &EventContext<OrganizationId>) {
    ///     context.tenant_context();
    /// }
    /// ```
    #[must_use]
    pub const fn tenant_context(&self) -> &TenantContext {
        self.context
            .as_ref()
            .expect("an event of an organization comes with its context")
    }
}
