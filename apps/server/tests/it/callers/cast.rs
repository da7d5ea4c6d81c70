//! The callers, and the organizations that they belong to.

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::{ApiClient, TestDatabase};

use super::rule::Whose;
use crate::http::support::{RANDOM_ID, Stage, text};

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
    /// A session of somebody there.
    pub(super) session: String,
    owner: ApiClient,
}

/// Everybody and everything.
pub(super) struct Cast {
    pub(super) stage: Stage,
    pub(super) places: Vec<Place>,
    pub(super) callers: Vec<Caller>,
}

/// A column of the table: what he is called, his credential, his organization, and his role.
type Part = (&'static str, Credential, usize, Option<Role>);

const HOME: usize = 0;
const AWAY: usize = 1;
const CLOSED: usize = 2;

const PARTS: [Part; 12] = [
    ("anonymous", Credential::Nothing, HOME, None),
    ("stranger", Credential::Session, HOME, None),
    ("viewer", Credential::Session, HOME, Some(Role::Viewer)),
    ("member", Credential::Session, HOME, Some(Role::Member)),
    ("admin", Credential::Session, HOME, Some(Role::Admin)),
    ("owner", Credential::Session, HOME, Some(Role::Owner)),
    ("neighbour", Credential::Session, AWAY, Some(Role::Owner)),
    ("removed", Credential::Session, HOME, None),
    ("suspended", Credential::Session, CLOSED, None),
    ("bearer", Credential::Bearer, HOME, None),
    (
        "both",
        Credential::SessionAndBearer,
        HOME,
        Some(Role::Owner),
    ),
    ("superuser", Credential::Session, HOME, None),
];

/// Who made which organization.
const PLACES: [(&str, &str); 3] = [
    ("home", "owner"),
    ("away", "neighbour"),
    ("closed", "suspended"),
];

impl Cast {
    pub(super) async fn new(database: TestDatabase) -> Self {
        let stage = Stage::new(database).await;
        let mut callers = Vec::new();
        for part in PARTS {
            callers.push(caller(&stage, part).await);
        }
        let mut places = Vec::new();
        for (name, owner) in PLACES {
            let owner = callers.iter().find(|caller| caller.kind == owner);
            places.push(place(&stage, &word(name), owner.expect("in the cast")).await);
        }
        let mut cast = Self {
            stage,
            places,
            callers,
        };
        cast.settle().await;
        cast
    }

    /// Gives everybody his place.
    async fn settle(&mut self) {
        let Self {
            stage,
            places,
            callers,
        } = self;
        let home = &places[HOME];
        for caller in callers.iter_mut() {
            match (caller.kind, caller.role) {
                ("owner" | "neighbour" | "suspended", _) => {}
                ("removed", _) => {
                    stage.join(&home.slug, &caller.word, Role::Owner).await;
                    let path = format!("/api/organizations/{}/switch", home.id);
                    caller.client.raw("POST", &path).send().await.expect(200);
                    caller.selected = true;
                    stage.remove(&home.slug, &caller.word).await;
                }
                ("superuser", _) => {
                    let email = caller.email();
                    let sql =
                        format!("UPDATE users SET is_superuser = true WHERE email = '{email}'");
                    assert_eq!(stage.database.execute(&sql).await, 1);
                }
                (_, Some(role)) => stage.join(&home.slug, &caller.word, role).await,
                (_, None) => {}
            }
        }
        stage.set_active(&places[CLOSED].slug, false).await;
        let agents = "UPDATE sessions SET user_agent = (
                          SELECT replace(name, 'canary-', 'canary-agent-') FROM users
                          WHERE users.id = user_id)";
        stage.database.execute(agents).await;
    }

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

    /// Another session of the caller, and its id.
    pub(super) async fn new_session(&self, caller: &Caller) -> (ApiClient, String) {
        let client = self.stage.login(&caller.word).await;
        let id = session_of(&client).await;
        (client, id)
    }
}

/// A text that is part of no other one.
fn word(name: &str) -> String {
    format!("canary-{name}-canary")
}

async fn caller(stage: &Stage, (kind, credential, place, role): Part) -> Caller {
    let word = word(kind);
    let client = stage.person(&word).await;
    let me = client.get("/api/auth/me").send().await.expect(200);
    Caller {
        kind,
        credential,
        place,
        role,
        selected: false,
        word,
        user: text(&me.json()["id"]),
        session: session_of(&client).await,
        client,
    }
}

async fn place(stage: &Stage, slug: &str, owner: &Caller) -> Place {
    let mut place = Place {
        slug: slug.to_owned(),
        id: stage.organization(&owner.client, slug).await,
        project: String::new(),
        session: owner.session.clone(),
        owner: owner.client.clone(),
    };
    place.project = project(stage, &place).await;
    place
}

async fn project(stage: &Stage, place: &Place) -> String {
    let slug = &place.slug;
    let id = stage.project(&place.owner, slug, slug).await;
    let path = format!("/api/projects/{id}");
    let described = place.owner.patch(&path, json!({"description": slug}));
    described.organization(slug).send().await.expect(200);
    id
}

async fn session_of(client: &ApiClient) -> String {
    let answer = client
        .get("/api/auth/sessions?limit=100")
        .send()
        .await
        .expect(200);
    let body = answer.json();
    let sessions = body["items"].as_array().expect("a list");
    let current = sessions.iter().find(|session| session["current"] == true);
    text(&current.expect("one of them")["id"])
}
