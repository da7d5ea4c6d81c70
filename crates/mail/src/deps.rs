//! What mails are written with.

use std::sync::Arc;

use tenantry_core::runtime::Runtime;
use tenantry_organizations::{BaseUrl, DirectoryService, ReceivedInvitationsService};
use tenantry_users::UsersService;

use crate::{Mailer, Sender};

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
