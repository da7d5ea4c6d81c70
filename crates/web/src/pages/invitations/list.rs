//! The list of invitations.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{SessionCaller, TenantContext},
    page::PageRequest,
    request,
};
use tenantry_http::{Authorized, LenientQuery, Problem};
use tenantry_organizations::{Invitation, InvitationStatus, grantable_roles};

use super::status::{STATUSES, is_open, reason_sentence, status_word};
use crate::{
    Services,
    done::Done,
    fields::{Filled, Lenient},
    form_view::FormView,
    frame::{Frame, Section},
    html::{Answer, Reply},
    paging::Paging,
};

request! {
    /// Which invitations to show. An empty field is no filter.
    pub(super) struct ListQuery {
        /// Only those with this status.
        status: Option<Filled<InvitationStatus>>,
        /// The cursor of the previous page.
        cursor: Option<String>,
        /// What a form did.
        done: Lenient<Done>,
    }
}

impl ListQuery {
    pub(super) const ALL: Self = Self {
        status: None,
        cursor: None,
        done: Lenient(None),
    };
}

/// An invitation in the list.
struct Row {
    invitation: Invitation,
    may_revoke: bool,
    may_resend: bool,
}

#[derive(Template)]
#[template(path = "invitations/list.html")]
pub(super) struct ListPage {
    frame: Frame,
    path: String,
    rows: Vec<Row>,
    status: Option<InvitationStatus>,
    form: FormView,
    paging: Paging,
}

impl ListPage {
    pub(super) async fn load(
        web: &Services,
        caller: &SessionCaller,
        ctx: &TenantContext,
        query: ListQuery,
        form: FormView,
    ) -> Result<Self, Problem> {
        let status = query.status.and_then(|status| status.0);
        let request = PageRequest {
            cursor: query.cursor,
            ..PageRequest::default()
        };
        let service = &web.organizations.invitations;
        let page = service.invitations_with(ctx, status, &request).await?;
        let frame = Frame::tenant(web, caller, ctx, Section::Members, query.done.0).await?;
        let path = format!("{}/members", frame.organization_path());
        let filters = [("status", status.map_or("", InvitationStatus::as_str))];
        let address = format!("{path}/invitations");
        let next = page.next_cursor.as_deref();
        let paging = Paging::new(&address, &filters, &request, next);
        let grantable = grantable_roles(ctx);
        let rows = page.items.into_iter().map(|invitation| {
            let may_change = is_open(&invitation) && grantable.contains(&invitation.role);
            Row {
                may_revoke: may_change,
                may_resend: may_change && invitation.email.is_some(),
                invitation,
            }
        });
        Ok(Self {
            frame,
            path,
            rows: rows.collect(),
            status,
            form,
            paging,
        })
    }
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<ListQuery>,
) -> Answer {
    Reply::page(&ListPage::load(&web, &caller, &ctx, query, FormView::empty()).await?)
}
