//! A call, ready to be sent.

use serde_json::Value;
use tenantry_core::access::Role;
use tenantry_http::{RouteInfo, SampleValues};
use tenantry_testkit::{Answer, Call};

use super::{
    expected::{Expected, Ownership, Target},
    fixture::{Caller, Credential, Fixture, account_of},
    rows::{Factor, Ids, Row, TO_DELETE},
};
use crate::http::support::PASSWORD;

/// A call, built from a row of the table, a caller and a target.
pub(super) struct PreparedCall {
    method: String,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
    is_form: bool,
    /// The ids that are not random: their rows must exist.
    pub(super) known: Vec<String>,
    /// Whether preparing it wrote to the database.
    pub(super) wrote: bool,
}

impl PreparedCall {
    /// Calls that will succeed get their own rows, and sessions are new each time, so that no call
    /// affects the next one.
    pub(super) async fn new(
        fixture: &Fixture,
        caller: &Caller,
        (route, row): (&RouteInfo, &Row),
        target: Target,
        expected: Expected,
        number: usize,
    ) -> Self {
        let success = expected == Expected::Success;
        let (mut ids, mut known) = (Vec::new(), Vec::new());
        for &ownership in target.ids {
            // The organization comes first in the list.
            let of = match (row.ids, ids.len()) {
                (Ids::Member | Ids::Invitation, 0) => Ids::Organization,
                (Ids::SlugResource(_) | Ids::SlugMember | Ids::SlugInvitation, 0) => Ids::Slug,
                (Ids::SlugMember, _) => Ids::Member,
                (Ids::SlugInvitation, _) => Ids::Invitation,
                (of, _) => of,
            };
            let id = id(fixture, caller, of, ownership, success).await;
            // The database holds only the digest of a secret.
            let is_secret = matches!(of, Ids::Secret | Ids::SecretAndLogin | Ids::MailedSecret(_));
            if ownership != Ownership::Random && !is_secret {
                known.push(id.clone());
            }
            ids.push(id);
        }
        let factor = match row.ids {
            Ids::Factor(factor) if success => Some(fixture.new_factor(factor).await),
            Ids::SecretAndLogin if success => Some(fixture.new_factor(Factor::Login).await),
            _ => None,
        };
        let code = factor.as_ref().map(|factor| factor.code.clone());
        let (path, ids) = filled(route.path, ids);
        let mut headers = Vec::new();
        let spent = success && row.invalidates_session;
        let stand_in = caller.role.filter(|_| success && row.by_stand_in);
        let own = match cookie(fixture, caller, stand_in, spent).await {
            Some(cookie) if stand_in.is_some() && row.stand_in_has_factor => {
                fixture.with_factor(&cookie).await
            }
            own => own,
        };
        let of_factor = factor.and_then(|factor| factor.client.cookies());
        if let Some(cookie) = of_factor.or(own) {
            headers.push(("cookie", cookie));
        }
        if let Some(token) = token(fixture, caller, stand_in).await {
            headers.push(("authorization", format!("Bearer {token}")));
        }
        if let Some(ownership) = target.header {
            let slug = fixture.slug(caller, ownership);
            headers.push(("x-organization-slug", slug.to_owned()));
        }
        let values = SampleValues {
            text: caller.marker.clone(),
            email: caller.email(),
            password: PASSWORD.to_owned(),
            code: code.unwrap_or_else(|| "123456".to_owned()),
            number,
            ids,
        };
        Self {
            method: route.method.to_string(),
            path: format!("{path}{}", row.query),
            headers,
            body: row.body.map(|body| body(&values)),
            is_form: route.is_page,
            known,
            wrote: spent || row.ids == Ids::Session || (success && row.ids != Ids::None),
        }
    }

    pub(super) async fn send(&self, fixture: &Fixture) -> Answer {
        let call = self.head(fixture);
        match &self.body {
            None => call.send().await,
            Some(body) if self.is_form => call.form(body).send().await,
            Some(body) => call.json(body).send().await,
        }
    }

    /// The same call without its body; `None` if it has none.
    pub(super) async fn send_bare(&self, fixture: &Fixture) -> Option<Answer> {
        self.body.as_ref()?;
        Some(self.head(fixture).send().await)
    }

    fn head(&self, fixture: &Fixture) -> Call {
        // A new cookie jar for each call, so that cookies in responses are discarded.
        let call = fixture.setup.anonymous().raw(&self.method, &self.path);
        let headers = self.headers.iter();
        headers.fold(call, |call, (name, value)| call.header(name, value))
    }
}

async fn id(
    fixture: &Fixture,
    caller: &Caller,
    ids: Ids,
    ownership: Ownership,
    success: bool,
) -> String {
    let own = ownership == Ownership::Own;
    match ids {
        Ids::None | Ids::Factor(_) => unreachable!("a target without ids"),
        Ids::File => "no-such-file".to_owned(),
        Ids::OrganizationToDelete if success && ownership != Ownership::Random => {
            fixture.setup.organization(&caller.client, TO_DELETE).await
        }
        Ids::Organization | Ids::OrganizationToDelete => {
            fixture.id(caller, ownership, |organization| &organization.id)
        }
        Ids::SlugToDelete if own && success => {
            fixture.setup.organization(&caller.client, TO_DELETE).await;
            TO_DELETE.to_owned()
        }
        Ids::Slug | Ids::SlugToDelete => fixture.slug(caller, ownership).to_owned(),
        Ids::SlugMember | Ids::SlugInvitation => unreachable!("a member or an invitation"),
        Ids::SlugResource(of) => {
            let resource = Box::pin(id(fixture, caller, Ids::Resource(of), ownership, success));
            resource.await
        }
        Ids::NewAccount if success && ownership != Ownership::Random => fixture.new_account().await,
        Ids::Passkey if own && success => fixture.new_passkey(caller).await,
        Ids::Passkey if own => fixture.passkey_of(&caller.user).await,
        Ids::Passkey if ownership == Ownership::Foreign => {
            let owner = fixture.id(caller, ownership, |organization| &organization.owner_id);
            fixture.passkey_of(&owner).await
        }
        Ids::Account if own => caller.user.clone(),
        Ids::NewAccountWithFactor if success && ownership != Ownership::Random => {
            let factor = fixture.new_factor(Factor::SetUp).await;
            account_of(&factor.client).await
        }
        Ids::Account | Ids::NewAccount | Ids::NewAccountWithFactor | Ids::Passkey => {
            fixture.id(caller, ownership, |organization| &organization.owner_id)
        }
        Ids::Resource(of) | Ids::Resources(of) if own && success => {
            fixture.new_resource(caller, of).await
        }
        Ids::Resource(of) | Ids::Resources(of) => fixture.id(caller, ownership, |organization| {
            &organization.resources[of]
        }),
        Ids::Member if own && success => fixture.new_member(caller).await,
        Ids::Member => fixture.id(caller, ownership, |organization| &organization.member),
        Ids::Token if own && success => fixture.new_token(caller).await,
        // The owner's seeded token has the id of the owner's membership.
        Ids::Token => fixture.id(caller, ownership, |organization| &organization.member),
        Ids::ReceivedInvitation if own && success => fixture.new_received(caller).await,
        // To another address, whatever the organization.
        Ids::ReceivedInvitation => {
            fixture.id(caller, ownership, |organization| &organization.invitation)
        }
        Ids::Invitation if own && success => fixture.new_invitation(caller).await,
        Ids::Invitation => fixture.id(caller, ownership, |organization| &organization.invitation),
        Ids::Secret | Ids::SecretAndLogin if success => fixture.new_secret().await,
        Ids::Secret | Ids::SecretAndLogin => "tnti_made-up".to_owned(),
        Ids::MailedSecret(purpose) if success => fixture.new_mailed_secret(purpose).await,
        Ids::MailedSecret(_) => "tntl_made-up".to_owned(),
        Ids::Session => fixture.new_session_id(caller, ownership).await,
    }
}

async fn cookie(
    fixture: &Fixture,
    caller: &Caller,
    stand_in: Option<Role>,
    spent: bool,
) -> Option<String> {
    match (caller.credential, stand_in) {
        (Credential::Nothing | Credential::Bearer, _) => None,
        (_, Some(role)) => fixture.stand_in(caller, role).await.cookies(),
        _ if spent => fixture.setup.login(&caller.marker).await.cookies(),
        _ => caller.client.cookies(),
    }
}

async fn token(fixture: &Fixture, caller: &Caller, stand_in: Option<Role>) -> Option<String> {
    match (caller.credential, stand_in) {
        (Credential::Nothing | Credential::Session, _) => None,
        (Credential::Bearer, Some(role)) => Some(fixture.stand_in_token(caller, role).await),
        (Credential::Bearer, None) => caller.token.clone(),
        (Credential::SessionAndBearer, _) => Some("tnt_made-up".to_owned()),
    }
}

/// The path with the first ids as its parameters, and the remaining ids.
fn filled(path: &str, ids: Vec<String>) -> (String, Vec<String>) {
    let mut path = path.to_owned();
    let mut ids = ids.into_iter();
    while let Some((start, rest)) = path.split_once('{') {
        let (_, end) = rest.split_once('}').expect("a parameter's end");
        let id = ids.next();
        let id = id.unwrap_or_else(|| panic!("the row of {path} names too few ids"));
        path = format!("{start}{id}{end}");
    }
    (path, ids.collect())
}
