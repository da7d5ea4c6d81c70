//! The callers, and the organizations that they belong to or not.

use tenantry_core::{access::Role, entropy::Sources};
use tenantry_testkit::ApiClient;

use super::{
    parts::{AWAY, HOME, membership_of, project, session_of},
    rule::Whose,
};
use crate::http::support::{RANDOM_ID, Stage};

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

    /// Whether both are active members of one organization.
    pub(super) fn is_colleague_of(&self, other: &Self) -> bool {
        self.belongs_to(other.place) && other.belongs_to(self.place)
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
    pub(super) owner: ApiClient,
    /// The owner's word.
    pub(super) owner_word: String,
}

/// Everybody and everything.
pub(super) struct Cast {
    pub(super) stage: Stage,
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
        project(&self.stage, &self.places[caller.place]).await
    }

    /// Somebody new in the caller's organization, with that role.
    pub(super) async fn stand_in(&self, caller: &Caller, role: Role) -> ApiClient {
        let name = format!("new-{}", Sources::system().letters(12));
        let slug = &self.places[caller.place].slug;
        self.stage.member(slug, &name, role).await
    }

    /// The membership of somebody new in the caller's organization.
    pub(super) async fn new_member(&self, caller: &Caller) -> String {
        let client = self.stand_in(caller, Role::Viewer).await;
        membership_of(&self.stage, &client, &self.places[caller.place].id).await
    }

    /// A new session: of the caller, or of somebody elsewhere. A password that is changed ends
    /// the old ones.
    pub(super) async fn new_session_id(&self, caller: &Caller, whose: Whose) -> String {
        let word = match (whose, self.place(caller, whose)) {
            (Whose::Own, _) => &caller.word,
            (_, Some(place)) => &place.owner_word,
            (_, None) => return RANDOM_ID.to_owned(),
        };
        session_of(&self.stage.login(word).await).await
    }
}
