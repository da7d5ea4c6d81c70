//! Signing up.

use actix_web::web;
use askama::Template;
use serde_json::json;
use tenantry_core::{access::SessionCaller, event::DomainEvent as _, request, value::Name};
use tenantry_domain_events::events::users::UserRegistered;
use tenantry_http::{Access, Authorized, FieldErrors, Form, LenientQuery, RateLimiter, Routes};
use tenantry_organizations::{OrganizationsError, SIGNUPS, SignedUp, SignupPolicy};
use tenantry_users::{ClientInfo, Email, NewAccount, Password, SessionCookie, UsersError};

use crate::{
    Services,
    done::Done,
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
    next::Next,
    pages::start::home,
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .page("/signup", Access::visitor(), show)
        .form("/signup", Access::anyone(), sign_up)
        .sample(|values| {
            let email = format!("new-person-{}@example.com", values.number);
            json!({"email": email, "password": values.password, "name": "New person"})
        })
        .records(&[UserRegistered::NAME])
}

request! {
    /// Where to go afterwards.
    struct SignupQuery {
        /// A path of this server; any other value is ignored.
        next: Option<String>,
    }
}

request! {
    /// An account to create.
    struct SignUp {
        /// The person's name.
        name: Name,
        /// The account's address.
        email: Email,
        /// Its password.
        password: Password,
        /// Where to go afterwards.
        next: Option<String>,
    }
}

#[derive(Template)]
#[template(path = "signup.html")]
struct SignupPage {
    frame: Frame,
    form: FormView,
    next: Option<Next>,
    is_open: bool,
}

impl SignupPage {
    fn new(web: &Services, form: FormView, next: Option<Next>) -> Self {
        Self {
            frame: Frame::public(web, None),
            form,
            next,
            is_open: web.signup == SignupPolicy::Open,
        }
    }
}

async fn show(
    web: web::Data<Services>,
    Authorized(caller): Authorized<Option<SessionCaller>>,
    LenientQuery(query): LenientQuery<SignupQuery>,
) -> Answer {
    if let Some(caller) = caller {
        return Ok(Reply::see_other(home(&web, &caller).await?));
    }
    let next = query.next.as_deref().and_then(Next::of);
    Reply::page(&SignupPage::new(&web, FormView::empty(), next))
}

async fn sign_up(
    web: web::Data<Services>,
    client: ClientInfo,
    throttle: RateLimiter,
    cookie: SessionCookie,
    form: Form<SignUp>,
) -> Answer {
    throttle.check_address(SIGNUPS)?;
    let next = Next::of(form.sent.text("next"));
    let values = match form.values {
        Ok(values) => values,
        Err(errors) => {
            let form = FormView::invalid(form.sent, errors);
            return Reply::invalid(&SignupPage::new(&web, form, next));
        }
    };
    let account = NewAccount {
        email: values.email,
        name: values.name,
        password: values.password,
    };
    match web
        .organizations
        .signup
        .sign_up(account, None, client)
        .await
    {
        Ok(SignedUp::VerificationSent) => Ok(Reply::see_other(Done::SignupSent.at("/login"))),
        Ok(SignedUp::SignedIn(session)) => {
            cookie.set(&session);
            let path = next.map_or_else(|| "/".to_owned(), |next| next.as_str().to_owned());
            Ok(Reply::see_other(path))
        }
        Err(OrganizationsError::Users(UsersError::EmailTaken)) => {
            let errors = FieldErrors::one("email", "belongs to an account already");
            let form = FormView::invalid(form.sent, errors);
            Reply::invalid(&SignupPage::new(&web, form, next))
        }
        Err(error) => Err(error.into()),
    }
}
