//! The callers and the organizations.

use std::collections::BTreeMap;

use serde_json::json;
use tenantry_core::{access::Role, runtime::Runtime};
use tenantry_testkit::{ApiClient, Backend};
use tenantry_users::LinkPurpose;

use super::{
    expected::Ownership,
    rows::Factor,
    specs::{AWAY, HOME, make_token, membership_of, resource, session_of},
};
use crate::http::{
    second_factor::{Person, begin},
    support::{RANDOM_ID, Setup, text},
};

/// How a caller authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Credential {
    Nothing,
    Session,
    Bearer,
    SessionAndBearer,
}

/// A kind of caller.
pub(super) struct Caller {
    /// The caller's name in the table.
    pub(super) kind: &'static str,
    pub(super) credential: Credential,
    /// The index of the caller's own organization.
    pub(super) organization: usize,
    /// The caller's role there; `None` without an active membership.
    pub(super) role: Option<Role>,
    /// Another organization of the user, which the credential does not reach.
    pub(super) unreachable_organization: Option<usize>,
    /// The API token.
    pub(super) token: Option<String>,
    /// Whether the session was switched to the organization.
    pub(super) selected: bool,
    /// A text that occurs in the caller's account only.
    pub(super) marker: String,
    pub(super) user: String,
    /// The id of the client's session.
    pub(super) session: String,
    pub(super) client: ApiClient,
}

impl Caller {
    pub(super) fn email(&self) -> String {
        format!("{}@example.com", self.marker)
    }

    /// Whether the caller is an active member there.
    pub(super) fn belongs_to(&self, organization: usize) -> bool {
        self.role.is_some() && self.organization == organization
    }

    /// Whether `other` is an active member of an organization that this caller reaches.
    pub(super) fn is_colleague_of(&self, other: &Self) -> bool {
        let organization = self.organization;
        let is_there =
            other.belongs_to(organization) || other.unreachable_organization == Some(organization);
        self.belongs_to(organization) && is_there
    }
}

/// An organization.
pub(super) struct Organization {
    /// Occurs in the organization's rows only.
    pub(super) slug: String,
    pub(super) id: String,
    /// A resource of each collection that exists from the start.
    pub(super) resources: BTreeMap<&'static str, String>,
    /// The owner's membership.
    pub(super) member: String,
    /// A seeded invitation.
    pub(super) invitation: String,
    pub(super) owner: ApiClient,
    /// The owner's marker.
    pub(super) owner_marker: String,
    pub(super) owner_id: String,
}

/// The server, the organizations and the callers.
pub(super) struct Fixture {
    pub(super) setup: Setup,
    pub(super) organizations: Vec<Organization>,
    pub(super) callers: Vec<Caller>,
}

/// A new user with a second factor.
pub(super) struct NewFactor {
    /// With a session, or a login that waits for the factor.
    pub(super) client: ApiClient,
    pub(super) code: String,
}

/// The id of the client's account.
pub(super) async fn account_of(client: &ApiClient) -> String {
    let me = client.get("/api/auth/me").send().await.expect(200);
    text(&me.json()["id"])
}

impl Fixture {
    /// The organization for a kind of ownership; `None` if it does not exist.
    pub(super) fn organization(
        &self,
        caller: &Caller,
        ownership: Ownership,
    ) -> Option<&Organization> {
        match ownership {
            Ownership::Own => Some(&self.organizations[caller.organization]),
            Ownership::Foreign if caller.organization == AWAY => Some(&self.organizations[HOME]),
            Ownership::Foreign => Some(&self.organizations[AWAY]),
            Ownership::Random => None,
        }
    }

    /// The slug for the organization header.
    pub(super) fn slug(&self, caller: &Caller, ownership: Ownership) -> &str {
        let organization = self.organization(caller, ownership);
        organization.map_or("no-such-organization", |organization| &organization.slug)
    }

    /// An id of something that exists from the start.
    pub(super) fn id(
        &self,
        caller: &Caller,
        ownership: Ownership,
        of: impl Fn(&Organization) -> &String,
    ) -> String {
        self.organization(caller, ownership)
            .map_or(RANDOM_ID, |organization| of(organization))
            .to_owned()
    }

    /// A new resource of the collection, in the caller's own organization.
    pub(super) async fn new_resource(&self, caller: &Caller, collection: &str) -> String {
        resource(&self.organizations[caller.organization], collection).await
    }

    /// A new user in the caller's organization, with that role.
    pub(super) async fn stand_in(&self, caller: &Caller, role: Role) -> ApiClient {
        let name = format!("new-{}", Runtime::system().random_token(12));
        let slug = &self.organizations[caller.organization].slug;
        self.setup.member(slug, &name, role).await
    }

    /// The id of a new user without a membership.
    pub(super) async fn new_account(&self) -> String {
        let name = format!("new-{}", Runtime::system().random_token(12));
        account_of(&self.setup.user(&name).await).await
    }

    /// The cookies of a user who sets up a second factor in the session with these.
    pub(super) async fn with_factor(&self, cookies: &str) -> Option<String> {
        let client = self.setup.anonymous();
        client.set_cookies(cookies);
        Person::enrol(client, "stand-in").await.client.cookies()
    }

    /// The membership of a new user in the caller's organization.
    pub(super) async fn new_member(&self, caller: &Caller) -> String {
        let client = self.stand_in(caller, Role::Viewer).await;
        membership_of(
            &self.setup,
            &client,
            &self.organizations[caller.organization].id,
        )
        .await
    }

    /// A new token of the caller.
    pub(super) async fn new_token(&self, caller: &Caller) -> String {
        let made = make_token(
            &caller.client,
            &self.organizations[caller.organization].id,
            &caller.marker,
        )
        .await;
        text(&made["id"])
    }

    /// The token of a new user in the caller's organization, with that role.
    pub(super) async fn stand_in_token(&self, caller: &Caller, role: Role) -> String {
        let client = self.stand_in(caller, role).await;
        let made = make_token(
            &client,
            &self.organizations[caller.organization].id,
            "A stand-in's",
        )
        .await;
        text(&made["token"])
    }

    /// A new invitation into the caller's organization.
    pub(super) async fn new_invitation(&self, caller: &Caller) -> String {
        let organization = &self.organizations[caller.organization];
        let email = format!("new-{}@example.com", Runtime::system().random_token(12));
        let new = json!({"email": email, "role": "viewer"});
        let path = format!("/api/organizations/{}/invitations", organization.id);
        let sent = organization.owner.post(&path, new).send().await;
        text(&sent.expect(201).json()["id"])
    }

    /// An invitation of the caller's address into a new user's new organization.
    pub(super) async fn new_received(&self, caller: &Caller) -> String {
        let slug = format!("new-{}", Runtime::system().random_token(12));
        let owner = self.setup.user(&slug).await;
        let id = self.setup.organization(&owner, &slug).await;
        let path = format!("/api/organizations/{id}/invitations");
        let new = json!({"email": caller.email(), "role": "member"});
        let sent = owner.post(&path, new).send().await;
        text(&sent.expect(201).json()["id"])
    }

    /// The secret of an invitation link into a new user's new organization.
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

    /// The secret of a link that is mailed to a new user.
    pub(super) async fn new_mailed_secret(&self, purpose: LinkPurpose) -> String {
        let name = format!("new-{}", Runtime::system().random_token(12));
        self.setup.mailed_secret(&name, purpose).await
    }

    /// A new user with a second factor, and a code of it.
    pub(super) async fn new_factor(&self, factor: Factor) -> NewFactor {
        let name = format!("new-{}", Runtime::system().random_token(12));
        let client = self.setup.user(&name).await;
        if factor == Factor::Enrolment {
            let code = begin(&client).await.code();
            return NewFactor { client, code };
        }
        let person = Person::enrol(client, &name).await;
        let client = match factor {
            Factor::Login => {
                let client = self.setup.anonymous();
                person.begin_login(&client).await.expect(200);
                client
            }
            Factor::Enrolment | Factor::SetUp => person.client.clone(),
        };
        let code = person.code(&self.setup).await;
        NewFactor { client, code }
    }

    /// The condition that a column holds an id. SQLite keeps the bytes.
    fn is(&self, column: &str, id: &str) -> String {
        match self.setup.database.backend() {
            Backend::Sqlite => format!("lower(hex({column})) = '{}'", id.replace('-', "")),
            Backend::Postgres => format!("{column} = '{id}'"),
        }
    }

    /// The seeded passkey of a user; one that does not exist of a user without a session.
    pub(super) async fn passkey_of(&self, user: &str) -> String {
        let of_user = self.is("user_id", user);
        let sql = format!("SELECT id FROM passkeys WHERE {of_user} AND name <> 'another'");
        let found = self.setup.database.query(&sql).await;
        found
            .first()
            .map_or_else(|| user.to_owned(), |row| text(&row["id"]))
    }

    /// A new passkey of the caller, who need not use it for anything.
    pub(super) async fn new_passkey(&self, caller: &Caller) -> String {
        let id = self.new_session_id(caller, Ownership::Own).await;
        let sql = format!(
            "INSERT INTO passkeys (id, user_id, credential_id, public_key, user_handle, name,
                                   sign_count, is_backup_eligible, is_backed_up, transports,
                                   created_at)
             SELECT s.id, s.user_id, s.key_hash, s.key_hash, s.key_hash, 'another', 0, true, true, '',
                    s.created_at
             FROM sessions s WHERE {}",
            self.is("s.id", &id)
        );
        assert_eq!(self.setup.database.execute(&sql).await, 1, "{sql}");
        id
    }

    /// A new session of the caller or of a foreign user. A password change ends older sessions,
    /// so each call needs its own.
    pub(super) async fn new_session_id(&self, caller: &Caller, ownership: Ownership) -> String {
        let marker = match (ownership, self.organization(caller, ownership)) {
            (Ownership::Own, _) => &caller.marker,
            (_, Some(organization)) => &organization.owner_marker,
            (_, None) => return RANDOM_ID.to_owned(),
        };
        session_of(&self.setup.login(marker).await).await
    }
}
