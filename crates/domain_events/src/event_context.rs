//! What a listener gets to work with.

use std::marker::PhantomData;

use tenantry_core::{
    access::TenantContext,
    db::{DbError, UnitOfWork},
    event::{Envelope, Stream},
    id::OrganizationId,
    outbox::Attempt,
};

/// One event in the hands of one listener.
///
/// It lends one unit of work, which is committed when the listener is done, together with the
/// note that this event was handled. So what is written here happens once, however often the
/// listener is told, and events that are recorded here are told once.
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

    /// The event's envelope: when it happened, and on whose behalf.
    #[must_use]
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The unit of work. Nothing is held before its rows are asked for: what takes long, such as
    /// asking another server, is done before that.
    pub const fn work(&mut self) -> &mut UnitOfWork {
        &mut self.work
    }

    /// Commits, after the listener is done.
    pub(crate) async fn finish(self) -> Result<(), DbError> {
        finish(self.work).await
    }
}

/// Commits an attempt. What was handled before stays as it is.
pub(crate) async fn finish(work: UnitOfWork) -> Result<(), DbError> {
    match work.commit().await {
        Err(DbError::AlreadyHandled) => Ok(()),
        finished => finished,
    }
}

impl EventContext<OrganizationId> {
    /// The organization in which it happened; the system acts in it as an owner would.
    ///
    /// An event that happened in no organization comes without one, and its listener can't reach
    /// the rows of any:
    ///
    /// ```compile_fail,E0599
    /// use tenantry_core::id::UserId;
    /// use tenantry_domain_events::EventContext;
    ///
    /// fn of_a_person(context: &EventContext<UserId>) {
    ///     context.context();
    /// }
    /// ```
    ///
    /// ```
    /// use tenantry_core::id::OrganizationId;
    /// use tenantry_domain_events::EventContext;
    ///
    /// fn of_an_organization(context: &EventContext<OrganizationId>) {
    ///     context.context();
    /// }
    /// ```
    #[must_use]
    pub const fn context(&self) -> &TenantContext {
        self.context
            .as_ref()
            .expect("an event of an organization comes with a context in it")
    }
}
