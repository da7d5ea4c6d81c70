//! The letters, each with a template for its text and one for its HTML.

use askama::Template;
use tenantry_core::{access::Role, value::Name};

use crate::letter::{Moment, Stationery, Subject, WrittenLetter};

/// Declares a letter: its templates and the names that they use.
macro_rules! letter {
    ($name:ident, $subject:expr, $txt:tt, $html:tt, { $($field:ident: $type:ty),* }) => {
        pub(crate) struct $name {
            $(pub(crate) $field: $type,)*
        }

        const _: () = {
            #[derive(Template)]
            #[template(path = $txt)]
            struct Text<'r> {
                stationery: &'r Stationery,
                $($field: &'r $type,)*
            }

            #[derive(Template)]
            #[template(path = $html)]
            struct Html<'r> {
                stationery: &'r Stationery,
                $($field: &'r $type,)*
            }

            impl Letter for $name {
                fn write(&self, stationery: &Stationery) -> Result<WrittenLetter, askama::Error> {
                    let Self { $($field),* } = self;
                    let subject: fn(&Self) -> Subject = $subject;
                    Ok(WrittenLetter {
                        subject: subject(self),
                        text: Text { stationery, $($field),* }.render()?,
                        html: Html { stationery, $($field),* }.render()?,
                    })
                }
            }
        };
    };
}

/// A letter with what it says of its occasion.
pub(crate) trait Letter {
    /// The letter in its two forms.
    fn write(&self, stationery: &Stationery) -> Result<WrittenLetter, askama::Error>;
}

letter!(
    PasswordReset,
    |_| Subject::plain("Choose a new password"),
    "password_reset.txt",
    "password_reset.html",
    { link: String, until: Moment }
);

letter!(
    EmailVerification,
    |_| Subject::plain("Confirm your e-mail address"),
    "email_verification.txt",
    "email_verification.html",
    { link: String, until: Moment }
);

letter!(
    EmailChange,
    |_| Subject::plain("Confirm your new e-mail address"),
    "email_change.txt",
    "email_change.html",
    { link: String, until: Moment }
);

letter!(
    KnownAddress,
    |_| Subject::plain("You have an account already"),
    "known_address.txt",
    "known_address.html",
    { link: String, forgot: String }
);

letter!(
    PasswordChanged,
    |_| Subject::plain("Your password was changed"),
    "password_changed.txt",
    "password_changed.html",
    { forgot: String, at: Moment }
);

letter!(
    PasswordWasReset,
    |_| Subject::plain("Your password was reset"),
    "password_was_reset.txt",
    "password_was_reset.html",
    { forgot: String, at: Moment }
);

letter!(
    EmailChangeRequested,
    |_| Subject::plain("A new e-mail address was asked for"),
    "email_change_requested.txt",
    "email_change_requested.html",
    { forgot: String, at: Moment }
);

letter!(
    EmailChanged,
    |_| Subject::plain("Your e-mail address was changed"),
    "email_changed.txt",
    "email_changed.html",
    { at: Moment }
);

letter!(
    SecondFactorAdded,
    |_| Subject::plain("A second factor was set up"),
    "second_factor_added.txt",
    "second_factor_added.html",
    { forgot: String, at: Moment }
);

letter!(
    SecondFactorRemoved,
    |_| Subject::plain("A second factor was removed"),
    "second_factor_removed.txt",
    "second_factor_removed.html",
    { forgot: String, at: Moment }
);

letter!(
    SecondFactorsReset,
    |_| Subject::plain("Your second factors were removed"),
    "second_factor_reset.txt",
    "second_factor_reset.html",
    { forgot: String, at: Moment }
);

letter!(
    RecoveryCodeUsed,
    |_| Subject::plain("A recovery code was used"),
    "recovery_code_used.txt",
    "recovery_code_used.html",
    { forgot: String, at: Moment }
);

letter!(
    RecoveryCodesRenewed,
    |_| Subject::plain("There are new recovery codes"),
    "recovery_codes_renewed.txt",
    "recovery_codes_renewed.html",
    { forgot: String, at: Moment }
);

letter!(
    Invitation,
    |letter| Subject::about("Join", &letter.organization),
    "invitation.txt",
    "invitation.html",
    {
        link: String,
        until: Moment,
        organization: Name,
        inviter: Name,
        role: Role
    }
);

letter!(
    RoleChanged,
    |letter| Subject::about("Your role in", &letter.organization),
    "role_changed.txt",
    "role_changed.html",
    { at: Moment, organization: Name, role: Role }
);

letter!(
    Removed,
    |letter| Subject::about("You are no longer a member of", &letter.organization),
    "removed.txt",
    "removed.html",
    { at: Moment, organization: Name }
);
