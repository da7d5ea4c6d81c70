//! The API tokens of a person.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::SessionCaller,
    id::{OrganizationId, TokenId},
    page::PageRequest,
    request,
    runtime::Runtime,
    value::Name,
};
use tenantry_http::{Authorized, Form, LenientQuery, PathId, Problem};
use tenantry_organizations::{IssuedToken, NewToken, OrganizationsError, Token};

use super::{confirm::ConfirmPage, tabs::TABS};
use crate::{
    Services,
    done::Done,
    fields::{Days, Lenient},
    form_view::FormView,
    frame::Frame,
    html::{Answer, Reply},
    page_query::PageQuery,
    paging::Paging,
};

request! {
    /// Which tokens to show.
    pub(super) struct TokensQuery {
        /// The cursor of the previous page.
        cursor: Option<String>,
        /// What a form did.
        done: Lenient<Done>,
    }
}

request! {
    /// A token to create.
    pub(super) struct CreateToken {
        /// Its name.
        name: Name,
        /// The organization that it is limited to.
        organization: OrganizationId,
        /// How many days it lives; without it, until it is revoked.
        days: Option<Days>,
    }
}

#[derive(Template)]
#[template(path = "account/tokens.html")]
struct TokensPage {
    frame: Frame,
    tab: &'static str,
    tokens: Vec<Token>,
    paging: Paging,
    form: FormView,
    /// Whether a new one needs a check of the second factor first.
    must_verify: bool,
    /// The secret of the token that was just created.
    secret: Option<String>,
}

impl TokensPage {
    async fn load(
        web: &Services,
        caller: &SessionCaller,
        query: TokensQuery,
        form: FormView,
    ) -> Result<Self, Problem> {
        let request = PageRequest {
            cursor: query.cursor,
            ..PageRequest::default()
        };
        let page = web.organizations.tokens.tokens(caller, &request).await?;
        Ok(Self {
            frame: Frame::personal(web, caller, query.done.0).await?,
            tab: "/account/tokens",
            tokens: page.items,
            paging: Paging::new(
                "/account/tokens",
                &[],
                &request,
                page.next_cursor.as_deref(),
            ),
            form,
            must_verify: caller.second_factor().require_recent().is_err(),
            secret: None,
        })
    }

    /// The name of an organization of the person, or its id.
    fn organization(&self, id: &OrganizationId) -> String {
        let person = self.frame.person.iter();
        let mut known = person.flat_map(|person| &person.organizations);
        let found = known.find(|own| own.id == *id);
        found.map_or_else(|| id.to_string(), |own| own.name.to_string())
    }
}

const FIRST: TokensQuery = TokensQuery {
    cursor: None,
    done: Lenient(None),
};

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<TokensQuery>,
) -> Answer {
    Reply::page(&TokensPage::load(&web, &caller, query, FormView::empty()).await?)
}

/// The response to the form shows the secret: no address could carry it to another page.
pub(super) async fn create(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    runtime: web::Data<Runtime>,
    form: Form<CreateToken>,
) -> Answer {
    let invalid = match form.values {
        Ok(values) => {
            let new = NewToken {
                name: values.name,
                organization: values.organization,
                expires_at: values.days.map(|days| days.after(runtime.now())),
            };
            match web.organizations.tokens.create_token(&caller, new).await {
                Ok(IssuedToken { secret, .. }) => {
                    let page = TokensPage::load(&web, &caller, FIRST, FormView::empty()).await?;
                    return Reply::page(&TokensPage {
                        secret: Some(secret.expose().to_owned()),
                        ..page
                    });
                }
                Err(OrganizationsError::TooManyTokens) => FormView::refused(
                    form.sent,
                    "There are too many tokens for this organization. Revoke one first.",
                ),
                Err(error) => return Err(error.into()),
            }
        }
        Err(errors) => FormView::invalid(form.sent, errors),
    };
    Reply::invalid(&TokensPage::load(&web, &caller, FIRST, invalid).await?)
}

pub(super) async fn confirm_revocation(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<TokenId>,
    LenientQuery(PageQuery { .. }): LenientQuery<PageQuery>,
) -> Answer {
    let id = id.or(OrganizationsError::TokenNotFound)?;
    let token = web.organizations.tokens.token(&caller, id).await?;
    let frame = Frame::personal(&web, &caller, None).await?;
    let last_used = token.last_used_at.map(|at| frame.dates.show(&at).text);
    let last_used = last_used.map_or_else(
        || "It was not used yet.".to_owned(),
        |at| format!("It was used last {at}."),
    );
    Reply::page(&ConfirmPage {
        frame,
        tab: "/account/tokens",
        title: format!("Revoke the token {}?", token.name),
        effects: vec![
            last_used,
            "Programs that use it are refused from then on. Nothing brings it back.".to_owned(),
        ],
        action: format!("/account/tokens/{id}/revoke"),
        button: "Revoke the token",
    })
}

pub(super) async fn revoke(
    web: web::Data<Services>,
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<TokenId>,
) -> Answer {
    let id = id.or(OrganizationsError::TokenNotFound)?;
    web.organizations.tokens.revoke_token(&caller, id).await?;
    Ok(Reply::see_other(Done::TokenRevoked.at("/account/tokens")))
}
