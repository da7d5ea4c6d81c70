//! What an invitation offers, with the ways to accept it.

use actix_web::{http::StatusCode, web};
use askama::Template;
use tenantry_core::{access::SessionCaller, request};
use tenantry_http::{Authorized, Form};
use tenantry_organizations::{InvitationPreview, InvitationSecret};

use super::{pasted::Pasted, refused, start};
use crate::{
    Services,
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
};

request! {
    /// The secret of an invitation.
    pub(super) struct Token {
        /// The secret, or the link.
        pub(super) token: Pasted,
    }
}

/// The forms that a person sees who can't accept as the account that is signed in, if any.
#[derive(Default)]
pub(super) struct Forms {
    pub(super) login: FormView,
    pub(super) signup: FormView,
    /// Whether the invitation is for another address than the account's.
    pub(super) is_for_another: bool,
}

#[derive(Template)]
#[template(path = "accept/preview.html")]
struct PreviewPage<'p> {
    frame: Frame,
    token: &'p str,
    preview: InvitationPreview,
    forms: Forms,
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(caller): Authorized<Option<SessionCaller>>,
    form: Form<Token>,
) -> Answer {
    let frame = start::visitor(&web, caller.as_ref()).await?;
    match form.values {
        Ok(values) => {
            let Pasted(secret) = values.token;
            render(&web, frame, &secret, StatusCode::OK, Forms::default()).await
        }
        Err(errors) => start::again(frame, FormView::invalid(form.sent, errors)),
    }
}

/// The invitation, or why it can't be accepted.
pub(super) async fn render(
    web: &Services,
    frame: Frame,
    secret: &InvitationSecret,
    status: StatusCode,
    forms: Forms,
) -> Answer {
    match web.organizations.invitations.preview(secret).await {
        Ok(preview) => Reply::with_status(
            status,
            &PreviewPage {
                frame,
                token: secret.expose(),
                preview,
                forms,
            },
        ),
        Err(error) => refused::page(frame, error),
    }
}
