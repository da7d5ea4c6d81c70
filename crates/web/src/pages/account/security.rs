//! The password, and what is set up as a second factor.

use actix_web::web;
use askama::Template;
use tenantry_core::{access::SessionCaller, request, value::Slug};
use tenantry_domain_events::events::users::FactorKind;
use tenantry_http::{Authorized, FieldErrors, Form, LenientQuery, Problem, RateLimiter};
use tenantry_users::{
    EnrolledFactor, Password, PasswordChange, PasswordInput, SecondFactors, UsersError,
    count_password_check,
};

use super::tabs::TABS;
use crate::{
    Services,
    done::Done,
    fields::Lenient,
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
};

const PATH: &str = "/account/security";

request! {
    /// The query of the page.
    pub(super) struct SecurityQuery {
        /// What a form did.
        done: Lenient<Done>,
        /// The organization that sent the person here, since it requires a second factor.
        required_by: Lenient<Slug>,
    }
}

request! {
    /// A change of password.
    pub(super) struct ChangePassword {
        /// The current password.
        current_password: PasswordInput,
        /// The new password.
        new_password: Password,
    }
}

#[derive(Template)]
#[template(path = "account/security.html")]
struct SecurityPage {
    frame: Frame,
    tab: &'static str,
    form: FormView,
    factors: SecondFactors,
    /// The name of the organization that requires a second factor.
    required_by: Option<String>,
    /// Whether a change needs a check of the second factor first.
    must_verify: bool,
}

impl SecurityPage {
    async fn load(
        web: &Services,
        caller: &SessionCaller,
        query: SecurityQuery,
        form: FormView,
    ) -> Result<Self, Problem> {
        let frame = Frame::personal(web, caller, query.done.0).await?;
        let factors = web.users.second_factors(caller).await?;
        let required_by = query.required_by.0.filter(|_| factors.factors.is_empty());
        Ok(Self {
            required_by: required_by.map(|slug| name_of(&frame, &slug)),
            frame,
            tab: PATH,
            form,
            factors,
            must_verify: caller.second_factor().require_recent().is_err(),
        })
    }

    fn has_app(&self) -> bool {
        let mut factors = self.factors.factors.iter();
        factors.any(|factor| factor.method == FactorKind::Totp)
    }

    /// A factor in words.
    fn word(&self, factor: &EnrolledFactor) -> &'static str {
        match factor.method {
            FactorKind::Totp => "Authenticator app",
            FactorKind::Passkey => "Passkey",
        }
    }

    /// What can be done with a factor, and the page for it.
    fn action(&self, factor: &EnrolledFactor) -> (&'static str, &'static str) {
        match factor.method {
            FactorKind::Totp => ("Remove", "/account/security/app/remove"),
            FactorKind::Passkey => ("Manage", "/account/passkeys"),
        }
    }
}

/// The name of one of the person's organizations. Of others nothing is said.
fn name_of(frame: &Frame, slug: &Slug) -> String {
    let person = frame.person.iter();
    let mut own = person.flat_map(|person| &person.organizations);
    let found = own.find(|own| own.slug == *slug);
    found.map_or_else(|| "An organization".to_owned(), |own| own.name.to_string())
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<SecurityQuery>,
) -> Answer {
    Reply::page(&SecurityPage::load(&web, &caller, query, FormView::empty()).await?)
}

pub(super) async fn change_password(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    form: Form<ChangePassword>,
) -> Answer {
    count_password_check(&throttle, &caller)?;
    let errors = match form.values {
        Ok(values) => {
            let change = PasswordChange {
                current: values.current_password,
                new: values.new_password,
            };
            match web.users.change_password(&caller, change).await {
                Ok(()) => {
                    return Ok(Reply::see_other(Done::PasswordChanged.at(PATH)));
                }
                Err(UsersError::WrongPassword) => FieldErrors::one("current_password", "is wrong"),
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => errors,
    };
    let form = FormView::invalid(form.sent, errors);
    let query = SecurityQuery {
        done: Lenient(None),
        required_by: Lenient(None),
    };
    Reply::invalid(&SecurityPage::load(&web, &caller, query, form).await?)
}
