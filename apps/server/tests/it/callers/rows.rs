//! How each route is called. The table only grows.

use serde_json::{Value, json};
use tenantry_http::RouteInfo;

use super::rule::{
    Target,
    Whose::{self, Foreign, Own, Random},
};
use crate::http::support::PASSWORD;

/// How a route is called so that whoever may do it gets it done.
pub(super) struct Row {
    /// Who may call it, as `tenantry routes` prints it: said here once more, so that a route
    /// isn't opened by a slip.
    pub(super) access: &'static str,
    /// The status of success.
    pub(super) done: u16,
    /// What the ids in its path and its body are ids of.
    pub(super) ids: Ids,
    /// The query string.
    pub(super) query: &'static str,
    /// The body.
    pub(super) body: Option<fn(&Values) -> Value>,
    /// Whether success ends the session or changes it.
    pub(super) spends_session: bool,
    /// Whether somebody new in the caller's role calls in his stead, because success changes what
    /// the caller is.
    pub(super) by_stand_in: bool,
    /// Whether it names people by their ids who acted here and are no members: former ones, and
    /// operators.
    pub(super) names_actors: bool,
    /// The events that success records: all of these, and nothing else.
    pub(super) tells: Option<&'static [&'static str]>,
    /// Those that it records where there is something to tell of, besides.
    pub(super) may_tell: &'static [&'static str],
    /// What is counted until there is nothing left of it: success goes on in the background.
    pub(super) until_none: Option<&'static str>,
    /// What puts back what success changed about who belongs where.
    pub(super) undo: Option<&'static str>,
}

/// The slug of organizations that are made to be deleted.
pub(super) const DOOMED: &str = "doomed";

/// What the ids of a route are ids of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ids {
    /// It takes none.
    None,
    /// The organization in its path or in its body.
    Organization,
    /// The project in its path.
    Project,
    /// Projects in its body.
    Projects,
    /// The session in its path.
    Session,
    /// The token in its path.
    Token,
    /// The organization in its path, then a member of it, in the path or in the body.
    Member,
    /// The organization in its path, then an invitation into it.
    Invitation,
    /// The secret of an invitation in its body, into an organization that nobody else is in.
    Secret,
    /// The organization in its path, which success ends.
    Doomed,
    /// The account in its path.
    Account,
}

/// What a body is made of.
pub(super) struct Values {
    /// Those of the body, if any.
    pub(super) ids: Vec<String>,
    /// A text that nobody outside the caller's organization may read.
    pub(super) word: String,
    /// The caller's address.
    pub(super) email: String,
    /// Another one in each call.
    pub(super) number: usize,
}

impl Row {
    /// The row of a route.
    ///
    /// # Errors
    /// When there is none, or when it speaks of another access.
    pub(super) fn of(route: &RouteInfo) -> Result<Self, String> {
        let RouteInfo {
            method,
            path,
            access,
            ..
        } = route;
        let row = row(method.as_str(), path).ok_or_else(|| {
            format!(
                "{method} {path} is not in the table of routes and callers. Add an arm to \
                 apps/server/tests/it/callers/rows.rs that says who may call it, the status of \
                 its success and, where it takes them, what its ids are ids of and a valid body"
            )
        })?;
        if *method != "GET" && row.tells.is_none() {
            return Err(format!(
                "{method} {path} may change something, and its row in \
                 apps/server/tests/it/callers/rows.rs does not say which events tell of it: \
                 `.tells(&[…])`, with none only where nothing changes that an audit log is about"
            ));
        }
        let open_to = access.to_string();
        if row.access == open_to {
            return Ok(row);
        }
        Err(format!(
            "{method} {path} is open to `{open_to}`, and its row in \
             apps/server/tests/it/callers/rows.rs says `{}`: one of the two is wrong",
            row.access
        ))
    }
}

/// What every organization that an operator is shown something of is told.
const LOOKED: &[&str] = &["organizations.operator_looked"];

const TOKEN_REVOKED: &[&str] = &["organizations.token_revoked"];

const END_NEW_ORGANIZATIONS: &str = "DELETE FROM organizations WHERE slug LIKE 'new-%'";

fn row(method: &str, path: &str) -> Option<Row> {
    const ME: &str = "user";
    const SESSION: &str = "user, by session only";
    const VIEW: &str = "viewer: organizations.view";
    const INVITE: &str = "admin: organizations.invite_members";
    const MANAGE_MEMBERS: &str = "admin: organizations.manage_members";
    const VIEW_PROJECTS: &str = "viewer: projects.view";
    const MANAGE_PROJECTS: &str = "member: projects.manage";

    Some(match (method, path) {
        ("GET", "/health/live" | "/health/ready" | "/api/openapi.json") => route("anyone", 200),
        ("GET", path) if path.starts_with("/docs") => route("anyone", 200),

        ("POST", "/api/auth/signup") => route("anyone", 201)
            .tells(&["users.user_registered"])
            .spends_session()
            .body(|values| {
                let email = format!("somebody-{}@example.com", values.number);
                json!({"email": email, "password": PASSWORD, "name": "Somebody"})
            }),
        ("POST", "/api/auth/login") => route("anyone", 200)
            .tells(&["users.user_signed_in"])
            .spends_session()
            .body(|values| json!({"email": values.email, "password": PASSWORD})),
        ("POST", "/api/auth/logout") => route(SESSION, 204)
            .tells(&["users.session_ended"])
            .spends_session(),
        ("GET", "/api/auth/me") => route(ME, 200),
        ("PATCH", "/api/auth/me") => route(SESSION, 200)
            .tells(&["users.user_renamed"])
            .body(|values| json!({"name": values.word})),
        ("POST", "/api/auth/password") => route(SESSION, 204)
            .tells(&["users.password_changed"])
            .may_tell(TOKEN_REVOKED)
            .body(|_| json!({"current_password": PASSWORD, "new_password": PASSWORD})),
        ("GET", "/api/auth/sessions") => route(SESSION, 200).query("?limit=100"),
        ("GET", "/api/auth/activity") => route(SESSION, 200).query("?limit=100").names_actors(),
        ("DELETE", "/api/auth/sessions/{id}") => route(SESSION, 204)
            .tells(&["users.session_ended"])
            .ids(Ids::Session),

        ("GET", "/api/tokens") => route(SESSION, 200).query("?limit=100"),
        ("POST", "/api/tokens") => route(SESSION, 201)
            .tells(&["organizations.token_created"])
            .ids(Ids::Organization)
            .body(|values| json!({"name": values.word, "organization_id": values.ids[0]})),
        ("DELETE", "/api/tokens/{id}") => route(SESSION, 204)
            .tells(&["organizations.token_revoked"])
            .ids(Ids::Token),

        ("GET", "/api/organizations") => route(ME, 200).query("?limit=100"),
        ("POST", "/api/organizations") => route(SESSION, 201)
            .tells(&[
                "organizations.organization_created",
                "organizations.member_joined",
            ])
            .body(|values| json!({"name": values.word, "slug": format!("new-{}", values.number)}))
            .undo(END_NEW_ORGANIZATIONS),
        ("GET", "/api/organizations/current") => route(VIEW, 200),
        ("GET", "/api/organizations/{organization_id}") => route(VIEW, 200).ids(Ids::Organization),
        ("PATCH", "/api/organizations/{organization_id}") => {
            route("admin: organizations.manage", 200)
                .tells(&["organizations.organization_renamed"])
                .ids(Ids::Organization)
                .body(|values| json!({"name": values.word}))
        }
        ("GET", "/api/organizations/{organization_id}/members") => {
            route(VIEW, 200).ids(Ids::Organization).query("?limit=100")
        }
        ("PATCH", "/api/organizations/{organization_id}/members/{member_id}") => {
            route(MANAGE_MEMBERS, 200)
                .tells(&["organizations.member_role_changed"])
                .ids(Ids::Member)
                .body(|_| json!({"role": "member"}))
        }
        ("DELETE", "/api/organizations/{organization_id}/members/{member_id}") => {
            route(MANAGE_MEMBERS, 204)
                .tells(&["organizations.member_left"])
                .may_tell(TOKEN_REVOKED)
                .ids(Ids::Member)
        }
        ("POST", "/api/organizations/{organization_id}/leave") => route(VIEW, 204)
            .tells(&["organizations.member_left"])
            .may_tell(TOKEN_REVOKED)
            .ids(Ids::Organization)
            .by_stand_in(),
        ("POST", "/api/organizations/{organization_id}/transfer") => {
            route("owner: organizations.transfer", 200)
                .tells(&["organizations.ownership_transferred"])
                .ids(Ids::Member)
                .by_stand_in()
                .body(|values| json!({"member_id": values.ids[0]}))
        }
        ("GET", "/api/organizations/{organization_id}/audit-log") => {
            route("admin: audit_log.view", 200)
                .ids(Ids::Organization)
                .query("?limit=100")
                .names_actors()
        }
        ("GET", "/api/organizations/{organization_id}/invitations") => route(INVITE, 200)
            .ids(Ids::Organization)
            .query("?limit=100"),
        ("POST", "/api/organizations/{organization_id}/invitations") => route(INVITE, 201)
            .tells(&["organizations.invitation_sent"])
            .ids(Ids::Organization)
            .body(|values| {
                let email = format!("invited-{}@example.com", values.number);
                json!({"email": email, "role": "viewer"})
            }),
        ("POST", "/api/organizations/{organization_id}/invitations/{invitation_id}/resend") => {
            route(INVITE, 200)
                .tells(&["organizations.invitation_resent"])
                .ids(Ids::Invitation)
        }
        ("DELETE", "/api/organizations/{organization_id}/invitations/{invitation_id}") => {
            route(INVITE, 204)
                .tells(&["organizations.invitation_revoked"])
                .ids(Ids::Invitation)
        }
        ("POST", "/api/invitations/preview") => route("anyone", 200)
            .tells(&[])
            .ids(Ids::Secret)
            .body(|values| json!({"token": values.ids[0]}))
            .undo(END_NEW_ORGANIZATIONS),
        ("POST", "/api/invitations/accept") => route(SESSION, 200)
            .tells(&[
                "organizations.member_joined",
                "organizations.invitation_accepted",
            ])
            .ids(Ids::Secret)
            .body(|values| json!({"token": values.ids[0]}))
            .undo(END_NEW_ORGANIZATIONS),
        ("POST", "/api/organizations/{organization_id}/switch") => {
            route("viewer: organizations.view, by session only", 200)
                .tells(&[])
                .ids(Ids::Organization)
                .spends_session()
        }

        ("GET", "/api/organizations/{organization_id}/settings") => {
            route(VIEW, 200).ids(Ids::Organization)
        }
        ("PATCH", "/api/organizations/{organization_id}/settings") => {
            route("admin: organizations.manage", 200)
                .tells(&["organizations.settings_changed"])
                .ids(Ids::Organization)
                .body(|values| json!({"custom": {"said": values.word}}))
        }
        ("GET", "/api/organizations/{organization_id}/billing") => {
            route("admin: organizations.view_billing", 200).ids(Ids::Organization)
        }
        ("DELETE", "/api/organizations/{organization_id}") => {
            route("owner: organizations.delete", 204)
                .tells(&[
                    "organizations.deletion_began",
                    "organizations.member_left",
                    "organizations.organization_deleted",
                ])
                .ids(Ids::Doomed)
                .body(|_| json!({"confirm_slug": DOOMED}))
                .until_none("SELECT count(*) FROM organizations WHERE slug = 'doomed'")
                .undo("DELETE FROM retired_slugs WHERE slug = 'doomed'")
        }

        ("GET", "/api/admin/organizations") => {
            route("staff", 200).query("?limit=100").may_tell(LOOKED)
        }
        ("GET", "/api/admin/members") => route("staff", 200).query("?limit=100").may_tell(LOOKED),
        ("PATCH", "/api/admin/organizations/{id}") => route("superuser", 200)
            .tells(&["organizations.limits_changed"])
            .ids(Ids::Organization)
            .body(|values| json!({"limits": {"projects": 100_000 + values.number}})),
        ("GET", "/api/admin/users") => route("superuser", 200).query("?limit=100").may_tell(LOOKED),
        ("GET", "/api/reports/organizations") => route("superuser", 200)
            .query("?limit=100")
            .tells(&["organizations.report_viewed"])
            .may_tell(LOOKED),
        ("GET", "/api/admin/users/{id}") => {
            route("superuser", 200).ids(Ids::Account).may_tell(LOOKED)
        }
        ("PATCH", "/api/admin/users/{id}") => route("superuser", 200)
            .ids(Ids::Account)
            .tells(&[])
            .may_tell(LOOKED)
            .body(|_| json!({"is_active": true})),

        ("GET", "/api/projects") => route(VIEW_PROJECTS, 200).query("?q=canary&limit=100"),
        ("POST", "/api/projects") => route(MANAGE_PROJECTS, 201)
            .tells(&["projects.project_created"])
            .body(|values| json!({"name": values.word, "description": values.word})),
        ("GET", "/api/projects/{id}") => route(VIEW_PROJECTS, 200).ids(Ids::Project),
        ("PATCH", "/api/projects/{id}") => route(MANAGE_PROJECTS, 200)
            .tells(&["projects.project_updated"])
            .ids(Ids::Project)
            .body(|values| json!({"name": values.word})),
        ("DELETE", "/api/projects/{id}") => route(MANAGE_PROJECTS, 204)
            .tells(&["projects.project_deleted"])
            .ids(Ids::Project),
        ("POST", "/api/projects/bulk") => route(MANAGE_PROJECTS, 200)
            .tells(&["projects.project_status_changed"])
            .ids(Ids::Projects)
            .body(|values| json!({"ids": values.ids, "status": "archived"})),

        _ => return None,
    })
}

const fn route(access: &'static str, done: u16) -> Row {
    Row {
        access,
        done,
        ids: Ids::None,
        query: "",
        body: None,
        spends_session: false,
        by_stand_in: false,
        names_actors: false,
        tells: None,
        may_tell: &[],
        until_none: None,
        undo: None,
    }
}

impl Row {
    const fn ids(mut self, ids: Ids) -> Self {
        self.ids = ids;
        self
    }

    const fn query(mut self, query: &'static str) -> Self {
        self.query = query;
        self
    }

    const fn body(mut self, body: fn(&Values) -> Value) -> Self {
        self.body = Some(body);
        self
    }

    const fn spends_session(mut self) -> Self {
        self.spends_session = true;
        self
    }

    const fn by_stand_in(mut self) -> Self {
        self.by_stand_in = true;
        self
    }

    const fn names_actors(mut self) -> Self {
        self.names_actors = true;
        self
    }

    const fn tells(mut self, events: &'static [&'static str]) -> Self {
        self.tells = Some(events);
        self
    }

    const fn may_tell(mut self, events: &'static [&'static str]) -> Self {
        self.may_tell = events;
        self
    }

    const fn until_none(mut self, sql: &'static str) -> Self {
        self.until_none = Some(sql);
        self
    }

    const fn undo(mut self, sql: &'static str) -> Self {
        self.undo = Some(sql);
        self
    }

    /// What calls of the route name: every kind of id, and on routes that act in the request's
    /// organization each with every kind of header.
    pub(super) fn targets(&self, by_context: bool) -> Vec<Target> {
        const ONE: [&[Whose]; 3] = [&[Own], &[Foreign], &[Random]];
        const SEVERAL: [&[Whose]; 5] = [
            &[Own],
            &[Foreign],
            &[Random],
            &[Own, Foreign],
            &[Own, Random],
        ];
        // The organization, then what is in it.
        const INSIDE: [&[Whose]; 7] = [
            &[Own, Own],
            &[Own, Foreign],
            &[Own, Random],
            &[Foreign, Own],
            &[Foreign, Foreign],
            &[Random, Own],
            &[Random, Random],
        ];
        let ids: &[&[Whose]] = match self.ids {
            Ids::None => &[&[]],
            Ids::Organization
            | Ids::Doomed
            | Ids::Account
            | Ids::Project
            | Ids::Session
            | Ids::Token => &ONE,
            Ids::Projects => &SEVERAL,
            Ids::Member | Ids::Invitation => &INSIDE,
            Ids::Secret => &[&[Own]],
        };
        let headers: &[_] = if by_context {
            &[None, Some(Own), Some(Foreign), Some(Random)]
        } else {
            &[None]
        };
        let pairs = headers
            .iter()
            .flat_map(|header| ids.iter().map(move |ids| (header, ids)));
        pairs.map(|(&header, ids)| Target { header, ids }).collect()
    }
}
