//! Signing in and out.

use actix_web::web;
use askama::Template;
use serde_json::json;
use tenantry_core::{access::SessionCaller, event::DomainEvent as _, request};
use tenantry_domain_events::events::users::{SessionEnded, UserSignedIn};
use tenantry_http::{Access, Authorized, Form, LenientQuery, Routes};
use tenantry_organizations::SignupPolicy;
use tenantry_users::{
    ClientInfo, Email, Login, LoginAttempt, LoginOutcome, PasswordInput, PendingLoginCookie,
    SessionCookie, UsersError,
};

use crate::{
    DemoLogin, Services,
    done::Done,
    fields::Lenient,
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
    next::Next,
    pages::start::home,
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .page("/login", Access::visitor(), show)
        .form("/login", Access::anyone(), log_in)
        .sample(|values| json!({"email": values.email, "password": values.password}))
        .records(&[UserSignedIn::NAME])
        .form(
            "/logout",
            Access::user().session_only().or_unverified(),
            log_out,
        )
        .records(&[SessionEnded::NAME])
}

request! {
    /// Where to go afterwards.
    struct LoginQuery {
        /// A path of this server; any other value is ignored.
        next: Option<String>,
        /// What a form did.
        done: Lenient<Done>,
    }
}

request! {
    /// The credentials.
    struct LogIn {
        /// The account's address.
        email: Email,
        /// Its password.
        password: PasswordInput,
        /// Where to go afterwards.
        next: Option<String>,
    }
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    frame: Frame,
    form: FormView,
    next: Option<Next>,
    is_signup_open: bool,
    demo: Option<DemoLogin>,
}

impl LoginPage {
    fn new(web: &Services, form: FormView, next: Option<Next>, done: Option<Done>) -> Self {
        Self {
            frame: Frame::public(web, done),
            form,
            next,
            is_signup_open: web.signup == SignupPolicy::Open,
            demo: None,
        }
    }
}

async fn show(
    web: web::Data<Services>,
    Authorized(caller): Authorized<Option<SessionCaller>>,
    LenientQuery(query): LenientQuery<LoginQuery>,
) -> Answer {
    let next = query.next.as_deref().and_then(Next::of);
    if let Some(caller) = caller {
        let path = match next {
            Some(next) => next.as_str().to_owned(),
            None => home(&web, &caller).await?,
        };
        return Ok(Reply::see_other(path));
    }
    let mut page = LoginPage::new(&web, FormView::empty(), next, query.done.0);
    if let Some(demo) = &web.demo
        && web.users.find_by_email(&demo.email).await?.is_some()
    {
        page.demo = Some(demo.clone());
    }
    Reply::page(&page)
}

async fn log_in(
    web: web::Data<Services>,
    client: ClientInfo,
    attempt: LoginAttempt,
    cookie: SessionCookie,
    pending: PendingLoginCookie,
    form: Form<LogIn>,
) -> Answer {
    let next = Next::of(form.sent.text("next"));
    let values = match form.values {
        Ok(values) => values,
        Err(errors) => {
            let form = FormView::invalid(form.sent, errors);
            return Reply::invalid(&LoginPage::new(&web, form, next, None));
        }
    };
    attempt.count(&values.email)?;
    let login = Login {
        email: values.email,
        password: values.password,
    };
    match web.users.sign_in(login, client).await {
        Ok(LoginOutcome::SignedIn(session)) => {
            cookie.set(&session);
            let path = next.map_or_else(|| "/".to_owned(), |next| next.as_str().to_owned());
            Ok(Reply::see_other(path))
        }
        Ok(LoginOutcome::SecondFactorRequired(login)) => {
            pending.set(&login);
            let path = next.map_or_else(|| "/login/code".to_owned(), |next| next.login_code());
            Ok(Reply::see_other(path))
        }
        Err(UsersError::InvalidCredentials) => {
            let form = FormView::refused(form.sent, "The e-mail address or the password is wrong.");
            Reply::invalid(&LoginPage::new(&web, form, next, None))
        }
        Err(error) => Err(error.into()),
    }
}

async fn log_out(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    cookie: SessionCookie,
) -> Answer {
    web.users.sign_out(&caller).await?;
    cookie.clear();
    Ok(Reply::see_other(Done::LoggedOut.at("/login")))
}
