//! Passwords that a command generates or reads.

use std::io::{Read as _, stdin};

use tenantry_core::value::InvalidText;
use tenantry_users::Password;

use crate::Failure;

/// Letters of a generated password: five bits each.
pub(super) const LETTERS: usize = 26;

pub(super) fn parsed(password: &str) -> Result<Password, Failure> {
    let parsed = password.parse();
    parsed.map_err(|rule: InvalidText| Failure::Failed(format!("the password {rule}")))
}

/// The password on standard input, without the line break that `echo` puts after it.
pub(super) fn typed_password() -> Result<String, Failure> {
    let mut text = String::new();
    stdin()
        .read_to_string(&mut text)
        .map_err(|error| Failure::caused_by("the password can't be read", &error))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}
