//! The invitations that a person received.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::SessionCaller, event::DomainEvent as _, id::InvitationId, page::PageRequest, request,
};
use tenantry_domain_events::events::organizations::{
    InvitationAccepted, InvitationDeclined, UserJoinedOrganization,
};
use tenantry_http::{Access, Authorized, LenientQuery, PathId, Problem, Routes};
use tenantry_organizations::{InvitationError, ReceivedInvitation};
use tenantry_users::User;

use crate::{
    Services,
    done::Done,
    fields::Lenient,
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
    pages::refusals,
    paging::Paging,
};

const PATH: &str = "/invitations";

pub(super) fn routes() -> Routes {
    const SESSION: Access = Access::user().session_only();

    Routes::new()
        .page(PATH, SESSION, show)
        .form("/invitations/{invitation_id}/accept", SESSION, accept)
        .records(&[UserJoinedOrganization::NAME, InvitationAccepted::NAME])
        .form("/invitations/{invitation_id}/decline", SESSION, decline)
        .records(&[InvitationDeclined::NAME])
}

request! {
    /// Which invitations to show.
    struct ReceivedQuery {
        /// The cursor of the previous page.
        cursor: Option<String>,
        /// What a form did.
        done: Lenient<Done>,
    }
}

#[derive(Template)]
#[template(path = "received.html")]
struct ReceivedPage {
    frame: Frame,
    user: User,
    form: FormView,
    invitations: Vec<ReceivedInvitation>,
    paging: Paging,
}

impl ReceivedPage {
    async fn load(
        web: &Services,
        caller: &SessionCaller,
        form: FormView,
        query: ReceivedQuery,
    ) -> Result<Self, Problem> {
        let request = PageRequest {
            cursor: query.cursor,
            ..PageRequest::default()
        };
        let page = web
            .organizations
            .received
            .received(caller, &request)
            .await?;
        let next = page.next_cursor.as_deref();
        Ok(Self {
            paging: Paging::new(PATH, &[], &request, next),
            frame: Frame::personal(web, caller, query.done.0).await?,
            user: web.users.user(caller.user()).await?,
            form,
            invitations: page.items,
        })
    }
}

async fn show(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<ReceivedQuery>,
) -> Answer {
    Reply::page(&ReceivedPage::load(&web, &caller, FormView::empty(), query).await?)
}

async fn accept(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<InvitationId>,
) -> Answer {
    let id = id.or(InvitationError::NotFound)?;
    match web
        .organizations
        .received
        .accept_received(&caller, id)
        .await
    {
        Ok(membership) => {
            let path = format!("/o/{}", membership.organization.slug);
            Ok(Reply::see_other(Done::Joined.at(&path)))
        }
        Err(error) => {
            let form = FormView::refusal(refusals::sentence(error)?);
            let query = ReceivedQuery {
                cursor: None,
                done: Lenient(None),
            };
            Reply::invalid(&ReceivedPage::load(&web, &caller, form, query).await?)
        }
    }
}

async fn decline(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<InvitationId>,
) -> Answer {
    let id = id.or(InvitationError::NotFound)?;
    web.organizations.received.decline(&caller, id).await?;
    Ok(Reply::see_other(Done::InvitationDeclined.at(PATH)))
}
