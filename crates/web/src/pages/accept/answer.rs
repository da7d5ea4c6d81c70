//! Accepting an invitation.

use actix_web::{http::StatusCode, web};
use tenantry_core::access::SessionCaller;
use tenantry_http::{Authorized, Form};
use tenantry_organizations::{InvitationError, OrganizationsError};

use super::{
    pasted::Pasted,
    preview::{Forms, Token, render},
    refused, start,
};
use crate::{
    Services,
    done::Done,
    form_view::FormView,
    html::{Answer, Reply},
};

pub(super) async fn accept(
    web: web::Data<Services>,
    Authorized(caller): Authorized<Option<SessionCaller>>,
    form: Form<Token>,
) -> Answer {
    let frame = start::visitor(&web, caller.as_ref()).await?;
    let Pasted(secret) = match form.values {
        Ok(values) => values.token,
        Err(errors) => return start::again(frame, FormView::invalid(form.sent, errors)),
    };
    let Some(caller) = caller else {
        // The session is over: the person signs in and comes back to the invitation.
        return render(&web, frame, &secret, StatusCode::OK, Forms::default()).await;
    };
    match web.organizations.invitations.accept(&caller, &secret).await {
        Ok(membership) => {
            let path = format!("/o/{}", membership.organization.slug);
            Ok(Reply::see_other(Done::Joined.at(&path)))
        }
        Err(OrganizationsError::Invitation(InvitationError::EmailMismatch)) => {
            let forms = Forms {
                is_for_another: true,
                ..Forms::default()
            };
            render(&web, frame, &secret, StatusCode::FORBIDDEN, forms).await
        }
        Err(error) => refused::page(frame, error),
    }
}
