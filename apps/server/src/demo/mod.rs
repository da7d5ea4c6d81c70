//! Demo data, created through the modules' services like any other data.

pub(crate) mod data;
mod inspect;
mod login;
mod seed;
mod support;

pub use data::PASSWORD;
pub use login::Login;

use serde::Serialize;

use crate::{Failure, app::App};

/// The demo data in the database.
#[derive(Clone, Debug)]
pub struct Demo {
    /// Whether anything was created.
    pub changed: bool,
    /// The accounts to sign in with.
    pub logins: Vec<Login>,
    /// A pending invitation.
    pub invitation: PendingInvitation,
}

/// Who was invited, and the link that accepts it, if it was just created: it is shown once.
#[derive(Clone, Debug, Serialize)]
pub struct PendingInvitation {
    /// The address.
    pub email: &'static str,
    /// The link.
    pub accept_url: Option<String>,
}

/// Fills the database with the demo data. Complete demo data stays as it is.
///
/// # Errors
/// When the database holds other data, or a request fails.
pub async fn fill(app: &App) -> Result<Demo, Failure> {
    let accept_url = match inspect::inspect(app).await? {
        inspect::DatabaseContent::Complete => None,
        inspect::DatabaseContent::Fillable => Some(seed::create_all(app).await?),
        inspect::DatabaseContent::Other => {
            return Err(Failure::Failed(
                "the database holds other data, and the demo world is not for that; \
                 name an empty database with DATABASE_URL"
                    .to_owned(),
            ));
        }
    };
    Ok(Demo {
        changed: accept_url.is_some(),
        logins: login::all(),
        invitation: PendingInvitation {
            email: data::INVITED,
            accept_url,
        },
    })
}
