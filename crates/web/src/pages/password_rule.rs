//! The rule for new passwords, in words.

use tenantry_users::Password;

pub(crate) fn password_rule() -> String {
    let length = Password::LENGTH;
    format!("{} to {} characters.", length.start(), length.end())
}
