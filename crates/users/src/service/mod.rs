//! The services of this module.

mod accounts;
mod credentials;
mod database;
mod users;

pub use accounts::{AccountsService, PreparedAccount};
pub use credentials::{CredentialRevocation, TokenRevoker};
pub use database::{UsersDeps, service};
pub use users::UsersService;
