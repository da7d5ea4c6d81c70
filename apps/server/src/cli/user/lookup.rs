//! Finds an account, and describes it.

use serde_json::{Value, json};
use tenantry_users::{Email, User};

use crate::{Failure, app::App};

/// The account of that address.
pub(crate) async fn find(app: &App, email: &Email) -> Result<User, Failure> {
    let found = app.users.find_by_email(email).await;
    let found =
        found.map_err(|error| Failure::caused_by("the account can't be looked up", &error))?;
    found.ok_or_else(|| {
        Failure::Failed(format!(
            "there is no account {email}; `tenantry user list` shows all of them"
        ))
    })
}

pub(super) fn described(user: &User) -> Value {
    json!({
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "is_superuser": user.is_superuser,
        "is_staff": user.is_staff,
        "is_active": user.is_active,
        "created_at": user.created_at,
    })
}

pub(super) const fn kind(user: &User) -> &'static str {
    match (user.is_superuser, user.is_staff) {
        (true, _) => "superuser",
        (false, true) => "staff",
        (false, false) => "user",
    }
}
