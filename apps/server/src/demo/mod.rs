//! A demo world, made through the modules' own services like any other data.

mod login;
mod plant;
mod survey;
mod world;

pub use login::Login;
pub use world::PASSWORD;

use serde::Serialize;

use crate::{Failure, app::App};

/// What filling the database came to.
#[derive(Clone, Debug)]
pub struct Demo {
    /// Whether anything had to be made.
    pub changed: bool,
    /// Who can sign in.
    pub logins: Vec<Login>,
    /// An invitation that nobody answered yet.
    pub invitation: PendingInvitation,
}

/// Who was invited, and the link that accepts it, if it was made just now: it is shown once.
#[derive(Clone, Debug, Serialize)]
pub struct PendingInvitation {
    /// The address.
    pub email: &'static str,
    /// The link.
    pub accept_url: Option<String>,
}

/// Fills the database with the demo world. One that is there already stays as it is.
///
/// # Errors
/// When the database holds other data, or refuses.
pub async fn fill(app: &App) -> Result<Demo, Failure> {
    let accept_url = match survey::look(app).await? {
        survey::Found::World => None,
        survey::Found::Room => Some(plant::everything(app).await?),
        survey::Found::Others => {
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
            email: world::INVITED,
            accept_url,
        },
    })
}

/// A value of the demo world, which is known to be valid.
fn valid<T: std::str::FromStr>(text: &str) -> T {
    let parsed = text.parse().ok();
    parsed.expect("the values of the demo world are valid")
}

fn refused(error: &dyn std::error::Error) -> Failure {
    Failure::because("the demo world can't be made", error)
}
