//! Signing in on the way to an invitation, which is shown again afterwards.

use actix_web::{http::StatusCode, web};
use tenantry_core::request;
use tenantry_http::Form;
use tenantry_users::{
    ClientInfo, Email, Login, LoginAttempt, LoginOutcome, PasswordInput, PendingLoginCookie,
    SessionCookie, UsersError,
};

use super::{
    code,
    pasted::Pasted,
    preview::{Forms, render},
    start,
};
use crate::{Services, form_view::FormView, frame::Frame, html::Answer};

request! {
    /// The credentials, and the invitation.
    pub(super) struct LogIn {
        /// The secret of the invitation.
        token: Pasted,
        /// The account's address.
        email: Email,
        /// Its password.
        password: PasswordInput,
    }
}

pub(super) async fn log_in(
    web: web::Data<Services>,
    client: ClientInfo,
    attempt: LoginAttempt,
    cookie: SessionCookie,
    pending: PendingLoginCookie,
    form: Form<LogIn>,
) -> Answer {
    let public = Frame::public(&web, None);
    let (Ok(Pasted(secret)), sent) = (form.sent.text("token").parse(), form.sent) else {
        return start::again(public, FormView::empty());
    };
    let login = match form.values {
        Ok(values) => {
            attempt.count(&values.email)?;
            let login = Login {
                email: values.email,
                password: values.password,
            };
            match web.users.sign_in(login, client).await {
                Ok(LoginOutcome::SignedIn(session)) => {
                    cookie.set(&session);
                    let frame = Frame::of_new_session(&web, session.user).await?;
                    return render(&web, frame, &secret, StatusCode::OK, Forms::default()).await;
                }
                Ok(LoginOutcome::SecondFactorRequired(login)) => {
                    pending.set(&login);
                    return code::ask(&web, &secret);
                }
                Err(UsersError::InvalidCredentials) => {
                    FormView::refused(sent, "The e-mail address or the password is wrong.")
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => FormView::invalid(sent, errors),
    };
    let forms = Forms {
        login,
        ..Forms::default()
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    render(&web, public, &secret, status, forms).await
}
