//! A call, ready to be sent.

use serde_json::Value;
use tenantry_core::access::Role;
use tenantry_http::RouteInfo;
use tenantry_testkit::{Answer, Call};

use super::{
    cast::{Caller, Cast, Credential},
    rows::{DOOMED, Ids, Row, Values},
    rule::{Target, Verdict, Whose},
};

/// A call, made from a row of the table, a caller and what he names.
pub(super) struct Prepared {
    method: String,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
    /// The ids that are not random: what they name has to be there.
    pub(super) known: Vec<String>,
    /// Whether something was put into the database for it.
    pub(super) wrote: bool,
}

impl Prepared {
    /// Calls that will be done get things of their own, and sessions are new each time, so that no
    /// call changes what the next one meets.
    pub(super) async fn new(
        cast: &Cast,
        caller: &Caller,
        (route, row): (&RouteInfo, &Row),
        target: Target,
        expected: Verdict,
        number: usize,
    ) -> Self {
        let done = expected == Verdict::Done;
        let (mut ids, mut known) = (Vec::new(), Vec::new());
        for &whose in target.ids {
            // What is in an organization stands behind it in the list.
            let of = match (row.ids, ids.len()) {
                (Ids::Member | Ids::Invitation, 0) => Ids::Organization,
                (of, _) => of,
            };
            let id = id(cast, caller, of, whose, done).await;
            // Of a secret the database has the digest alone.
            if whose != Whose::Random && of != Ids::Secret {
                known.push(id.clone());
            }
            ids.push(id);
        }
        let (path, ids) = filled(route.path, ids);
        let mut headers = Vec::new();
        let spent = done && row.spends_session;
        let stand_in = caller.role.filter(|_| done && row.by_stand_in);
        if let Some(cookie) = cookie(cast, caller, stand_in, spent).await {
            headers.push(("cookie", cookie));
        }
        if let Some(token) = token(cast, caller, stand_in).await {
            headers.push(("authorization", format!("Bearer {token}")));
        }
        if let Some(whose) = target.header {
            let slug = cast.slug(caller, whose);
            headers.push(("x-organization-slug", slug.to_owned()));
        }
        let values = Values {
            ids,
            word: caller.word.clone(),
            email: caller.email(),
            number,
        };
        Self {
            method: route.method.to_string(),
            path: format!("{path}{}", row.query),
            headers,
            body: row.body.map(|body| body(&values)),
            known,
            wrote: spent || row.ids == Ids::Session || (done && row.ids != Ids::None),
        }
    }

    pub(super) async fn send(&self, cast: &Cast) -> Answer {
        let call = self.head(cast);
        match &self.body {
            None => call.send().await,
            Some(body) => call.json(body).send().await,
        }
    }

    /// The same without the body that it should have; nothing, if it has none.
    pub(super) async fn send_bare(&self, cast: &Cast) -> Option<Answer> {
        self.body.as_ref()?;
        Some(self.head(cast).send().await)
    }

    fn head(&self, cast: &Cast) -> Call {
        // A jar of its own for each call: cookies in answers are for nobody.
        let call = cast.setup.anonymous().raw(&self.method, &self.path);
        let headers = self.headers.iter();
        headers.fold(call, |call, (name, value)| call.header(name, value))
    }
}

async fn id(cast: &Cast, caller: &Caller, ids: Ids, whose: Whose, done: bool) -> String {
    let own = whose == Whose::Own;
    match ids {
        Ids::None => unreachable!("a target without ids"),
        Ids::Doomed if own && done => cast.setup.organization(&caller.client, DOOMED).await,
        Ids::Organization | Ids::Doomed => cast.id(caller, whose, |place| &place.id),
        Ids::Account if own => caller.user.clone(),
        Ids::Account => cast.id(caller, whose, |place| &place.owner_id),
        Ids::Project | Ids::Projects if own && done => cast.new_project(caller).await,
        Ids::Project | Ids::Projects => cast.id(caller, whose, |place| &place.project),
        Ids::Member if own && done => cast.new_member(caller).await,
        Ids::Member => cast.id(caller, whose, |place| &place.member),
        Ids::Token if own && done => cast.new_token(caller).await,
        // The token that was planted for the owner has the id of his membership.
        Ids::Token => cast.id(caller, whose, |place| &place.member),
        Ids::Invitation if own && done => cast.new_invitation(caller).await,
        Ids::Invitation => cast.id(caller, whose, |place| &place.invitation),
        Ids::Secret if done => cast.new_secret().await,
        Ids::Secret => "tnti_made-up".to_owned(),
        Ids::Session => cast.new_session_id(caller, whose).await,
    }
}

async fn cookie(
    cast: &Cast,
    caller: &Caller,
    stand_in: Option<Role>,
    spent: bool,
) -> Option<String> {
    match (caller.credential, stand_in) {
        (Credential::Nothing | Credential::Bearer, _) => None,
        (_, Some(role)) => cast.stand_in(caller, role).await.cookies(),
        _ if spent => cast.setup.login(&caller.word).await.cookies(),
        _ => caller.client.cookies(),
    }
}

async fn token(cast: &Cast, caller: &Caller, stand_in: Option<Role>) -> Option<String> {
    match (caller.credential, stand_in) {
        (Credential::Nothing | Credential::Session, _) => None,
        (Credential::Bearer, Some(role)) => Some(cast.stand_in_token(caller, role).await),
        (Credential::Bearer, None) => caller.token.clone(),
        (Credential::SessionAndBearer, _) => Some("tnt_made-up".to_owned()),
    }
}

/// The path with the first ids in the place of its parameters, and the ids that are left.
fn filled(path: &str, ids: Vec<String>) -> (String, Vec<String>) {
    let mut path = path.to_owned();
    let mut ids = ids.into_iter();
    while let Some((start, rest)) = path.split_once('{') {
        let (_, end) = rest.split_once('}').expect("a parameter's end");
        let id = ids.next();
        let id = id.unwrap_or_else(|| panic!("the row of {path} says too little of its ids"));
        path = format!("{start}{id}{end}");
    }
    (path, ids.collect())
}
