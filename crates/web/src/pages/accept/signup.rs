//! Signing up with an invitation: the account and the membership are made together, or none.

use actix_web::{http::StatusCode, web};
use tenantry_core::{request, value::Name};
use tenantry_http::{FieldErrors, Form, RateLimiter};
use tenantry_organizations::{InvitationError, OrganizationsError, SIGNUPS, SignedUp};
use tenantry_users::{ClientInfo, Email, NewAccount, Password, SessionCookie, UsersError};

use super::{
    pasted::Pasted,
    preview::{Forms, render},
    refused, start,
};
use crate::{
    Services,
    done::Done,
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
};

request! {
    /// An account to create, and the invitation. Its fields have names of their own, because the form
    /// to sign in is on the same page.
    pub(super) struct SignUp {
        /// The secret of the invitation.
        token: Pasted,
        /// The person's name.
        name: Name,
        /// The account's address.
        new_email: Email,
        /// Its password.
        new_password: Password,
    }
}

pub(super) async fn sign_up(
    web: web::Data<Services>,
    client: ClientInfo,
    throttle: RateLimiter,
    cookie: SessionCookie,
    form: Form<SignUp>,
) -> Answer {
    throttle.check_address(SIGNUPS)?;
    let public = Frame::public(&web, None);
    let (Ok(Pasted(secret)), sent) = (form.sent.text("token").parse(), form.sent) else {
        return start::again(public, FormView::empty());
    };
    let errors = match form.values {
        Ok(values) => {
            let account = NewAccount {
                email: values.new_email,
                name: values.name,
                password: values.new_password,
            };
            let token = Some(secret.clone());
            match web
                .organizations
                .signup
                .sign_up(account, token, client)
                .await
            {
                Ok(SignedUp::VerificationSent) => {
                    return Ok(Reply::see_other(Done::SignupSent.at("/login")));
                }
                Ok(SignedUp::SignedIn(session)) => {
                    cookie.set(&session);
                    return Ok(Reply::see_other(Done::Joined.at("/")));
                }
                Err(OrganizationsError::Users(UsersError::EmailTaken)) => FieldErrors::one(
                    "new_email",
                    "belongs to an account already; sign in instead",
                ),
                Err(OrganizationsError::Invitation(InvitationError::EmailMismatch)) => {
                    FieldErrors::one("new_email", "is not the address that was invited")
                }
                Err(error) => return refused::page(public, error),
            }
        }
        Err(errors) => errors,
    };
    let forms = Forms {
        signup: FormView::invalid(sent, errors),
        ..Forms::default()
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    render(&web, public, &secret, status, forms).await
}
