//! Who may sign up, and whether an account needs a confirmed address.

use tenantry_organizations::SignupPolicy;
use tenantry_users::VerificationPolicy;

use super::{
    catalog::{EMAIL_VERIFICATION, SIGNUP},
    reader::SettingsReader,
};

/// Accounts.
#[derive(Clone, Debug)]
pub struct AuthSettings {
    /// Who may sign up.
    pub signup: SignupPolicy,
    /// Whether an account needs a confirmed address.
    pub verification: VerificationPolicy,
}

pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<AuthSettings> {
    let signup = reader.value(&SIGNUP, |text| match text {
        "open" => Ok(SignupPolicy::Open),
        "invitation" => Ok(SignupPolicy::Invitation),
        _ => Err("must be open or invitation"),
    });
    let verification = reader.value(&EMAIL_VERIFICATION, |text| match text {
        "off" => Ok(VerificationPolicy::Off),
        "required" => Ok(VerificationPolicy::Required),
        _ => Err("must be off or required"),
    });
    Some(AuthSettings {
        signup: signup?,
        verification: verification?,
    })
}
