//! The module's descriptor.

use std::sync::Arc;

use tenantry_core::{event::EventInfo, runtime::Runtime};
use tenantry_domain_events::{EventBus, events::mail::EVENTS};
use tenantry_module::Module;
use tenantry_organizations::{BaseUrl, DirectoryService, ReceivedInvitationsService};
use tenantry_users::UsersService;

use crate::{Mailer, Sender, notices, send};

/// What mails are written with.
#[derive(Clone)]
pub struct MailDeps {
    /// Hands mails to their transport.
    pub mailer: Arc<dyn Mailer>,
    /// Who sends them.
    pub sender: Sender,
    /// The base of links.
    pub base_url: BaseUrl,
    /// The accounts that mails are for.
    pub users: Arc<dyn UsersService>,
    /// The organizations that mails are about.
    pub directory: Arc<dyn DirectoryService>,
    /// The invitations that are mailed.
    pub received: Arc<dyn ReceivedInvitationsService>,
    /// Time and failpoints.
    pub runtime: Runtime,
}

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
