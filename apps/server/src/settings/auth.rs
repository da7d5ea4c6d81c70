//! Who may sign up.

use tenantry_organizations::SignupPolicy;

use super::{catalog::SIGNUP, reader::SettingsReader};

/// Accounts.
#[derive(Clone, Debug)]
pub struct AuthSettings {
    /// Who may sign up.
    pub signup: SignupPolicy,
}

pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<AuthSettings> {
    let signup = reader.value(&SIGNUP, |text| match text {
        "open" => Ok(SignupPolicy::Open),
        "invitation" => Ok(SignupPolicy::Invitation),
        _ => Err("must be open or invitation"),
    });
    Some(AuthSettings { signup: signup? })
}
