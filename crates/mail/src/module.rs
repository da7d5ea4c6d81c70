//! The module's descriptor.

use tenantry_core::event::EventInfo;
use tenantry_domain_events::{EventBus, events::mail::EVENTS};
use tenantry_module::Module;

use crate::{MailDeps, notices, send};

/// The module, and what it takes from a program whose workers are `W`.
pub struct MailModule<W> {
    /// What it writes mails with.
    pub deps: fn(&W) -> MailDeps,
}

impl<W> Module<W> for MailModule<W> {
    fn name(&self) -> &'static str {
        "mail"
    }

    fn events(&self) -> Vec<EventInfo> {
        EVENTS.to_vec()
    }

    fn subscribe(&self, process: &W, bus: &EventBus) {
        notices::subscribe(bus);
        send::subscribe(bus, (self.deps)(process));
    }
}
