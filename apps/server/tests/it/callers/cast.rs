//! The callers, and the organizations that they belong to or not.

use serde_json::json;
use tenantry_core::{access::Role, runtime::Runtime};
use tenantry_testkit::ApiClient;

use super::{
    parts::{AWAY, HOME, make_token, membership_of, project, session_of},
    rule::Whose,
};
use crate::http::support::{RANDOM_ID, Setup, text};

/// How a caller says who he is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Credential {
    Nothing,
    Session,
    Bearer,
    SessionAndBearer,
}

/// A kind of caller.
pub(super) struct Caller {
    /// What he is called in the table.
    pub(super) kind: &'static str,
    pub(super) credential: Credential,
    /// The organization that he calls his own.
    pub(super) place: usize,
    /// What he is in it; nothing if he has no active membership.
    pub(super) role: Option<Role>,
    /// Another organization that he belongs to, and that his credential does not reach.
    pub(super) out_of_reach: Option<usize>,
    /// The token that he comes with.
    pub(super) token: Option<String>,
    /// Whether his session was switched to it.
    pub(super) selected: bool,
    /// A text that occurs in his account and nowhere else.
    pub(super) word: String,
    pub(super) user: String,
    /// A session of his, which lasts.
    pub(super) session: String,
    pub(super) client: ApiClient,
}

impl Caller {
    pub(super) fn email(&self) -> String {
        format!("{}@example.com", self.word)
    }

    /// Whether he is an active member there.
    pub(super) fn belongs_to(&self, place: usize) -> bool {
        self.role.is_some() && self.place == place
    }

    /// Whether the other one is an active member of an organization that this one reaches.
    pub(super) fn is_colleague_of(&self, other: &Self) -> bool {
        let place = self.place;
        let is_there = other.belongs_to(place) || other.out_of_reach == Some(place);
        self.belongs_to(place) && is_there
    }
}

/// An organization.
pub(super) struct Place {
    /// Occurs in its rows and nowhere else.
    pub(super) slug: String,
    pub(super) id: String,
    /// A project that is there from the beginning.
    pub(super) project: String,
    /// The owner's membership.
    pub(super) member: String,
    /// An invitation that is planted there.
    pub(super) invitation: String,
    pub(super) owner: ApiClient,
    /// The owner's word.
    pub(super) owner_word: String,
    pub(super) owner_id: String,
}

/// Everybody and everything.
pub(super) struct Cast {
    pub(super) setup: Setup,
    pub(super) places: Vec<Place>,
    pub(super) callers: Vec<Caller>,
}

impl Cast {
    /// What a caller means by his own, by a foreign one, and by one that is nobody's.
    pub(super) fn place(&self, caller: &Caller, whose: Whose) -> Option<&Place> {
        match whose {
            Whose::Own => Some(&self.places[caller.place]),
            Whose::Foreign if caller.place == AWAY => Some(&self.places[HOME]),
            Whose::Foreign => Some(&self.places[AWAY]),
            Whose::Random => None,
        }
    }

    /// The header that names that organization.
    pub(super) fn slug(&self, caller: &Caller, whose: Whose) -> &str {
        let place = self.place(caller, whose);
        place.map_or("nobody-made-this", |place| &place.slug)
    }

    /// An id of what is there from the beginning.
    pub(super) fn id(
        &self,
        caller: &Caller,
        whose: Whose,
        of: impl Fn(&Place) -> &String,
    ) -> String {
        self.place(caller, whose)
            .map_or(RANDOM_ID, |place| of(place))
            .to_owned()
    }

    /// A new project in the caller's own organization.
    pub(super) async fn new_project(&self, caller: &Caller) -> String {
        project(&self.setup, &self.places[caller.place]).await
    }

    /// Somebody new in the caller's organization, with that role.
    pub(super) async fn stand_in(&self, caller: &Caller, role: Role) -> ApiClient {
        let name = format!("new-{}", Runtime::system().random_token(12));
        let slug = &self.places[caller.place].slug;
        self.setup.member(slug, &name, role).await
    }

    /// The membership of somebody new in the caller's organization.
    pub(super) async fn new_member(&self, caller: &Caller) -> String {
        let client = self.stand_in(caller, Role::Viewer).await;
        membership_of(&self.setup, &client, &self.places[caller.place].id).await
    }

    /// A new token of the caller's.
    pub(super) async fn new_token(&self, caller: &Caller) -> String {
        let made = make_token(&caller.client, &self.places[caller.place].id, &caller.word).await;
        text(&made["id"])
    }

    /// The token of somebody new in the caller's organization, with that role.
    pub(super) async fn stand_in_token(&self, caller: &Caller, role: Role) -> String {
        let client = self.stand_in(caller, role).await;
        let made = make_token(&client, &self.places[caller.place].id, "A stand-in's").await;
        text(&made["token"])
    }

    /// A new invitation into the caller's organization.
    pub(super) async fn new_invitation(&self, caller: &Caller) -> String {
        let place = &self.places[caller.place];
        let email = format!("new-{}@example.com", Runtime::system().random_token(12));
        let new = json!({"email": email, "role": "viewer"});
        let path = format!("/api/organizations/{}/invitations", place.id);
        let sent = place.owner.post(&path, new).send().await;
        text(&sent.expect(201).json()["id"])
    }

    /// The secret of a link into an organization that somebody new made for it.
    pub(super) async fn new_secret(&self) -> String {
        let slug = format!("new-{}", Runtime::system().random_token(12));
        let owner = self.setup.user(&slug).await;
        let id = self.setup.organization(&owner, &slug).await;
        let path = format!("/api/organizations/{id}/invitations");
        let sent = owner.post(&path, json!({"role": "member"})).send().await;
        let url = text(&sent.expect(201).json()["accept_url"]);
        let (_, secret) = url.split_once("#token=").expect("a secret");
        secret.to_owned()
    }

    /// A new session: of the caller, or of somebody elsewhere. A password that is changed ends
    /// the old ones.
    pub(super) async fn new_session_id(&self, caller: &Caller, whose: Whose) -> String {
        let word = match (whose, self.place(caller, whose)) {
            (Whose::Own, _) => &caller.word,
            (_, Some(place)) => &place.owner_word,
            (_, None) => return RANDOM_ID.to_owned(),
        };
        session_of(&self.setup.login(word).await).await
    }
}
