//! A call, ready to be sent.

use tenantry_core::http::RouteInfo;
use tenantry_testkit::Call;

use super::{
    cast::{Caller, Cast, Credential},
    rows::{Ids, Row, Values},
    rule::{Target, Verdict, Whose},
};

/// What a call needs: the ids it names, and the session that it is made with.
pub(super) struct Prepared {
    ids: Vec<String>,
    cookie: Option<String>,
    /// Whether something was made for it.
    pub(super) wrote: bool,
}

impl Prepared {
    /// Calls that will be done get things of their own, so that no call changes what the next
    /// one meets.
    pub(super) async fn new(
        cast: &Cast,
        caller: &Caller,
        row: &Row,
        target: Target,
        expected: Verdict,
    ) -> Self {
        let done = expected == Verdict::Done;
        let mut wrote = false;
        let mut ids = Vec::new();
        for &whose in target.ids {
            let fresh = done && whose == Whose::Own;
            wrote |= fresh && row.ids != Ids::Organization;
            ids.push(match row.ids {
                Ids::None => unreachable!("a target without ids"),
                Ids::Organization => cast.id(caller, whose, |place| &place.id),
                Ids::Project | Ids::Projects if fresh => cast.new_project(caller).await,
                Ids::Project | Ids::Projects => cast.id(caller, whose, |place| &place.project),
                Ids::Session if fresh => cast.new_session(caller).await.1,
                Ids::Session if whose == Whose::Own => caller.session.clone(),
                Ids::Session => cast.id(caller, whose, |place| &place.session),
            });
        }
        let cookie = match caller.credential {
            Credential::Nothing | Credential::Bearer => None,
            _ if done && row.spends_session => {
                wrote = true;
                cast.new_session(caller).await.0.cookies()
            }
            _ => caller.client.cookies(),
        };
        Self { ids, cookie, wrote }
    }

    /// The call itself.
    pub(super) fn call(
        self,
        cast: &Cast,
        caller: &Caller,
        route: &RouteInfo,
        row: &Row,
        target: Target,
        number: usize,
    ) -> Call {
        let mut path = route.path.to_owned();
        let mut ids = self.ids.into_iter();
        while let Some((start, rest)) = path.split_once('{') {
            let (_, end) = rest.split_once('}').expect("a parameter's end");
            let id = ids
                .next()
                .unwrap_or_else(|| panic!("{path} needs an id that its row lacks"));
            path = format!("{start}{id}{end}");
        }
        let path = format!("{path}{}", row.query);
        // A jar of its own for each call: cookies in answers are for nobody.
        let mut call = cast.stage.nobody().raw(route.method.as_str(), &path);
        if let Some(cookie) = self.cookie {
            call = call.header("cookie", cookie);
        }
        if matches!(
            caller.credential,
            Credential::Bearer | Credential::SessionAndBearer
        ) {
            call = call.header("authorization", "Bearer tnt_made-up");
        }
        if let Some(whose) = target.header {
            call = call.organization(cast.slug(caller, whose));
        }
        if let Some(body) = row.body {
            call = call.json(body(&Values {
                ids: ids.collect(),
                word: caller.word.clone(),
                email: caller.email(),
                number,
            }));
        }
        call
    }
}
