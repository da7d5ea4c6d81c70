//! What people get mails about: listeners that have a mail sent when something happened.

use async_trait::async_trait;
use tenantry_core::{
    access::Role,
    db::UnitOfWork,
    event::DomainEvent,
    id::{InvitationId, OrganizationId, UserId},
    outbox::DeliveryMode,
};
use tenantry_domain_events::{
    EventBus, EventContext, Listener, ListenerError,
    events::{
        mail::{AccountNotice, MailContent, MailDue},
        organizations::{
            InvitationResent, InvitationSent, LeaveReason, MemberRoleChanged, OwnershipTransferred,
            UserLeftOrganization,
        },
        users::{
            EmailChangeRequested, EmailChanged, PasswordChanged, PasswordReset, RecoveryCodeUsed,
            RecoveryCodesRenewed, SecondFactorAdded, SecondFactorRemoved, SecondFactorsReset,
        },
    },
};

/// Registers them. They run in the background and send nothing themselves: a mail is a delivery of its
/// own, so that none waits for another one of the same person or organization.
pub(crate) fn subscribe(bus: &EventBus) {
    bus.subscribe::<PasswordChanged>(
        DeliveryMode::Background,
        Notice("mail.password_changed", |event: &PasswordChanged| {
            account(event.user_id, AccountNotice::PasswordChanged)
        }),
    );
    bus.subscribe::<PasswordReset>(
        DeliveryMode::Background,
        Notice("mail.password_reset", |event: &PasswordReset| {
            account(event.user_id, AccountNotice::PasswordReset)
        }),
    );
    bus.subscribe::<EmailChangeRequested>(
        DeliveryMode::Background,
        Notice(
            "mail.email_change_requested",
            |event: &EmailChangeRequested| {
                account(event.user_id, AccountNotice::EmailChangeRequested)
            },
        ),
    );
    bus.subscribe::<EmailChanged>(
        DeliveryMode::Background,
        Notice("mail.email_changed", |event: &EmailChanged| {
            account(event.user_id, AccountNotice::EmailChanged)
        }),
    );
    bus.subscribe::<SecondFactorAdded>(
        DeliveryMode::Background,
        Notice("mail.second_factor_added", |event: &SecondFactorAdded| {
            account(event.user_id, AccountNotice::SecondFactorAdded)
        }),
    );
    bus.subscribe::<SecondFactorRemoved>(
        DeliveryMode::Background,
        Notice(
            "mail.second_factor_removed",
            |event: &SecondFactorRemoved| {
                account(event.user_id, AccountNotice::SecondFactorRemoved)
            },
        ),
    );
    bus.subscribe::<SecondFactorsReset>(
        DeliveryMode::Background,
        Notice("mail.second_factor_reset", |event: &SecondFactorsReset| {
            account(event.user_id, AccountNotice::SecondFactorsReset)
        }),
    );
    bus.subscribe::<RecoveryCodeUsed>(
        DeliveryMode::Background,
        Notice("mail.recovery_code_used", |event: &RecoveryCodeUsed| {
            account(event.user_id, AccountNotice::RecoveryCodeUsed)
        }),
    );
    bus.subscribe::<RecoveryCodesRenewed>(
        DeliveryMode::Background,
        Notice(
            "mail.recovery_codes_renewed",
            |event: &RecoveryCodesRenewed| {
                account(event.user_id, AccountNotice::RecoveryCodesRenewed)
            },
        ),
    );
    bus.subscribe::<InvitationSent>(
        DeliveryMode::Background,
        Notice("mail.invitation_sent", |event: &InvitationSent| {
            invitation(event.organization_id, event.invitation_id)
        }),
    );
    bus.subscribe::<InvitationResent>(
        DeliveryMode::Background,
        Notice("mail.invitation_resent", |event: &InvitationResent| {
            invitation(event.organization_id, event.invitation_id)
        }),
    );
    bus.subscribe::<MemberRoleChanged>(
        DeliveryMode::Background,
        Notice("mail.role_changed", |event: &MemberRoleChanged| {
            membership(event.organization_id, event.user_id, Some(event.new_role))
        }),
    );
    bus.subscribe::<OwnershipTransferred>(
        DeliveryMode::Background,
        Notice(
            "mail.ownership_transferred",
            |event: &OwnershipTransferred| {
                membership(event.organization_id, event.to_user_id, Some(Role::Owner))
            },
        ),
    );
    bus.subscribe::<UserLeftOrganization>(
        DeliveryMode::Background,
        Notice("mail.membership_ended", |event: &UserLeftOrganization| {
            let is_removed = event.reason == LeaveReason::Removed;
            membership(event.organization_id, event.user_id, None).filter(|_| is_removed)
        }),
    );
}

const fn account(user_id: UserId, notice: AccountNotice) -> Option<MailContent> {
    Some(MailContent::AccountNotice { user_id, notice })
}

const fn invitation(
    organization_id: OrganizationId,
    invitation_id: InvitationId,
) -> Option<MailContent> {
    Some(MailContent::Invitation {
        organization_id,
        invitation_id,
    })
}

const fn membership(
    organization_id: OrganizationId,
    user_id: UserId,
    role: Option<Role>,
) -> Option<MailContent> {
    Some(MailContent::MembershipNotice {
        organization_id,
        user_id,
        role,
    })
}

/// A listener by its name, and the mail that an event causes, if any.
struct Notice<E>(&'static str, fn(&E) -> Option<MailContent>);

#[async_trait]
impl<E: DomainEvent> Listener<E> for Notice<E> {
    fn name(&self) -> &'static str {
        self.0
    }

    async fn on(
        &self,
        event: E,
        context: &mut EventContext<E::Stream>,
    ) -> Result<(), ListenerError> {
        if let Some(content) = (self.1)(&event) {
            record(context.work(), content);
        }
        Ok(())
    }
}

/// Has a mail sent once the unit of work is committed.
fn record(work: &mut UnitOfWork, content: MailContent) {
    let mail_id = work.runtime().new_id();
    work.record(&MailDue { mail_id, content });
}
