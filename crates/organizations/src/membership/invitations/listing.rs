//! The list of invitations, each with what keeps it from being accepted.

use tenantry_core::{
    access::{Grant, Role},
    clock::Timestamp,
    db::{ColumnFilter as _, Filter, KeysetOrder},
    id::InvitationId,
    orm::Order,
    page::{Page, PageRequest},
};

use super::{
    error::InvitationError,
    model::{BlockReason, Invitation, InvitationStatus, Lifecycle},
};
use crate::{
    entity::invitation_state::{Column, Entity, Model},
    membership::members,
    organization::{quotas::model::SEATS, store::organization},
    permissions::{InviteMembers, may_grant},
    service::{Result, Service},
};

impl Service {
    pub(super) async fn list_invitations(
        &self,
        grant: &Grant<InviteMembers>,
        status: Option<InvitationStatus>,
        request: &PageRequest,
    ) -> Result<Page<Invitation>> {
        let is_full = self.is_full(grant).await?;
        let now = self.now();
        let newest = KeysetOrder {
            name: "-created_at",
            columns: vec![Column::CreatedAt, Column::Id],
            order: Order::Desc,
        };
        let rows = self.db.read(grant);
        let status = status.map(|status| has_status(status, is_full, now));
        let selection = Filter::all(status);
        let found = rows.find::<Entity>();
        let page = found.selected_page(selection, &newest, request).await?;
        Ok(page.map(|row| to_view(row, is_full, now)))
    }

    pub(super) async fn one_invitation(
        &self,
        grant: &Grant<InviteMembers>,
        id: InvitationId,
    ) -> Result<Invitation> {
        let is_full = self.is_full(grant).await?;
        let rows = self.db.read(grant);
        let found = rows.find::<Entity>().filter(Column::Id.eq(id));
        let found = found.one().await?.ok_or(InvitationError::NotFound)?;
        Ok(to_view(found, is_full, self.now()))
    }

    /// Whether no seat is left.
    async fn is_full(&self, grant: &Grant<InviteMembers>) -> Result<bool> {
        let found = organization(&self.db.read_global(), grant.organization()).await?;
        let Some(seats) = found.and_then(|row| row.limit(SEATS)) else {
            return Ok(false);
        };
        let members = members::store::count(&self.db.read(grant)).await?;
        Ok(members >= u64::from(seats))
    }
}

/// The invitations of a status.
fn has_status(status: InvitationStatus, is_full: bool, now: Timestamp) -> Filter {
    let revoked = Column::RevokedAt.ne(None::<Timestamp>);
    let accepted = Column::AcceptedAt.ne(None::<Timestamp>);
    let declined = Column::DeclinedAt.ne(None::<Timestamp>);
    let unexpired = Column::ExpiresAt.gt(now);
    let others = [&revoked, &declined, &accepted];
    let open = Filter::all(others.map(|ended| ended.clone().not()));
    match status {
        InvitationStatus::Revoked => revoked,
        InvitationStatus::Declined => declined.and(revoked.not()),
        InvitationStatus::Accepted => Filter::all([accepted, declined.not(), revoked.not()]),
        InvitationStatus::Expired => open.and(unexpired.not()),
        // An empty alternative is never true.
        InvitationStatus::Pending if is_full => Filter::any([]),
        InvitationStatus::Pending => Filter::all([
            open,
            unexpired,
            Column::HasJoined.eq(false),
            granted(may_grant),
        ]),
        InvitationStatus::Blocked if is_full => open.and(unexpired),
        InvitationStatus::Blocked => {
            let reasons = [
                Column::HasJoined.eq(true),
                Column::InviterRole.eq(None::<Role>),
                granted(|own, given| !may_grant(own, given)),
            ];
            Filter::all([open, unexpired, Filter::any(reasons)])
        }
    }
}

/// The invitations whose pair of roles is wanted: the inviter's, and the one that they give.
fn granted(is_wanted: impl Fn(Role, Role) -> bool) -> Filter {
    Filter::any(Role::ALL.into_iter().map(|own| {
        let given = Role::ALL.into_iter().filter(|given| is_wanted(own, *given));
        Column::InviterRole.eq(own).and(Column::Role.is_in(given))
    }))
}

fn block_reason(row: &Model, is_full: bool) -> Option<BlockReason> {
    let may = row.inviter_role.is_some_and(|own| may_grant(own, row.role));
    if row.has_joined {
        Some(BlockReason::AlreadyMember)
    } else if !may {
        Some(BlockReason::InviterMayNotGrant)
    } else {
        is_full.then_some(BlockReason::NoSeatLeft)
    }
}

fn to_view(row: Model, is_full: bool, now: Timestamp) -> Invitation {
    let lifecycle = Lifecycle {
        revoked_at: row.revoked_at,
        declined_at: row.declined_at,
        accepted_at: row.accepted_at,
        expires_at: row.expires_at,
    };
    let status = lifecycle.status(now);
    let is_pending = status == InvitationStatus::Pending;
    let reason = block_reason(&row, is_full).filter(|_| is_pending);
    Invitation {
        status: match reason {
            Some(_) => InvitationStatus::Blocked,
            None => status,
        },
        reason,
        id: row.id,
        email: row.email,
        role: row.role,
        invited_by: row.invited_by,
        max_uses: row.max_uses,
        uses: row.uses,
        created_at: row.created_at,
        sent_at: row.sent_at,
        expires_at: row.expires_at,
    }
}
