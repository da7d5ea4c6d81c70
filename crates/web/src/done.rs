//! What the last form did, in one sentence.

use tenantry_core::value::InvalidText;

/// Declares the messages: what stands in an address after `done=`, and what people read.
macro_rules! messages {
    ($($name:ident $code:literal $text:literal)*) => {
        /// What a form did. It travels in the address of the page that follows, so that it shows in
        /// the tab where it happened; only these sentences can be shown.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Done {
            $($name,)*
        }

        impl Done {
            const ALL: &[Self] = &[$(Self::$name),*];

            const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The sentence.
            pub(crate) const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

messages! {
    LoggedOut "logged-out" "You are signed out."
    LoginEnded "login-ended" "The sign-in took too long, or had too many wrong codes. Begin again."
    ProfileChanged "profile-changed" "Your name was changed."
    PasswordChanged "password-changed" "Your password was changed. Your other sessions and your API tokens ended."
    ResetRequested "reset-requested" "If there is an account with this address, a mail with a link is on its way to it."
    PasswordReset "password-reset" "Your password was changed, and all your sessions and API tokens ended. Sign in with the new one."
    SignupSent "signup-sent" "A mail is on its way to your address. Follow its link, then sign in."
    VerificationSent "verification-sent" "A mail with a link is on its way to your address."
    EmailChangeSent "email-change-sent" "A mail with a link is on its way to the new address. Your account keeps its old one until you follow the link."
    EmailConfirmed "email-confirmed" "The address is confirmed."
    Verified "verified" "Thank you. For the next ten minutes you are not asked again."
    EnrolmentOver "enrolment-over" "The app was not confirmed in time, or the set-up was begun again elsewhere. Begin again."
    AppRemoved "app-removed" "The authenticator app was removed."
    SecondFactorsReset "second-factors-reset" "The person has no second factor any more, and all sessions of the person ended."
    SessionEnded "session-ended" "The session was ended."
    PasskeyRemoved "passkey-removed" "The passkey was removed."
    TokenRevoked "token-revoked" "The token was revoked."
    OrganizationCreated "organization-created" "The organization was created, and you own it."
    LimitsChanged "limits-changed" "The limits were changed."
    OrganizationDisabled "organization-disabled" "The organization was disabled. No one can work in it until it is enabled."
    OrganizationEnabled "organization-enabled" "The organization was enabled."
    PersonDisabled "person-disabled" "The account was disabled. Its sessions and tokens ended."
    ResetSent "reset-sent" "A mail with a link to choose a new password is on its way to the person."
    SessionsEnded "sessions-ended" "All sessions of the person ended."
    DeletionStarted "deletion-started" "The organization is being deleted, and no one can reach it any more."
    PersonEnabled "person-enabled" "The account was enabled."
    DeadLettersRequeued "dead-letters-requeued" "The dead letters are delivered again."
    NothingToDeliver "nothing-to-deliver" "The listener has no dead letters."
    NothingToDrop "nothing-to-drop" "Nothing was dropped: this program has the listener, or nothing waits for it."
    DeliveriesDropped "deliveries-dropped" "What waited for the listener was dropped."
    RoleChanged "role-changed" "The role was changed."
    MemberRemoved "member-removed" "The person is no longer a member."
    OwnershipTransferred "ownership-transferred" "The organization has a new owner. You are an admin now."
    Left "left" "You left the organization."
    InvitationRevoked "invitation-revoked" "The invitation was revoked. Its link is of no use any more."
    InvitationDeclined "invitation-declined" "The invitation was declined."
    Joined "joined" "Welcome. You are a member now."
    NameChanged "name-changed" "The name was changed."
    SettingsChanged "settings-changed" "The settings were saved."
    OrganizationDeleted "organization-deleted" "The organization was deleted."
    ProjectCreated "project-created" "The project was created."
    ProjectChanged "project-changed" "The changes were saved."
    ProjectDeleted "project-deleted" "The project was deleted."
    ProjectsChanged "projects-changed" "The status of the selected projects was changed."
}

impl Done {
    /// A page with the message.
    pub(crate) fn at(self, address: &str) -> String {
        let joint = if address.contains('?') { '&' } else { '?' };
        format!("{address}{joint}done={}", self.code())
    }
}

impl std::str::FromStr for Done {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let mut all = Self::ALL.iter().copied();
        all.find(|done| done.code() == text)
            .ok_or(InvalidText("must be a message of this server"))
    }
}

tenantry_core::text_field!(Done, {});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_has_a_code_of_its_own() {
        for &done in Done::ALL {
            assert_eq!(done.code().parse(), Ok(done));
            assert!(done.text().ends_with('.'));
        }
    }
}
