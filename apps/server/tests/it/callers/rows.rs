//! How each route is called.

use serde_json::{Value, json};
use tenantry_http::RouteInfo;

use super::expected::{
    Ownership::{self, Foreign, Own, Random},
    Target,
};
use crate::http::support::PASSWORD;

/// How a route is called so that an authorized call succeeds.
pub(super) struct Row {
    /// Who may call it, as `tenantry routes` prints it. Repeated here so that a route is not
    /// opened by accident.
    pub(super) access: &'static str,
    /// The status of success.
    pub(super) done: u16,
    /// What the ids in its path and its body identify.
    pub(super) ids: Ids,
    /// The query string.
    pub(super) query: &'static str,
    /// The body.
    pub(super) body: Option<fn(&Values) -> Value>,
    /// Whether success ends the session or changes it.
    pub(super) invalidates_session: bool,
    /// Whether a new user with the caller's role makes the call, because success changes the
    /// caller's membership.
    pub(super) by_stand_in: bool,
    /// Whether it returns ids of users who acted here and are not members: former members and
    /// operators.
    pub(super) shows_actors: bool,
    /// The events that success records: all of these, and no others.
    pub(super) events: Option<&'static [&'static str]>,
    /// Events that success may record in addition.
    pub(super) optional_events: &'static [&'static str],
    /// A count to poll until it is zero, where success continues in the background.
    pub(super) wait_until_zero: Option<&'static str>,
    /// SQL that restores the memberships and slugs that success changed.
    pub(super) cleanup: Option<&'static str>,
}

/// The slug of organizations that are created to be deleted.
pub(super) const TO_DELETE: &str = "to-delete";

/// What the ids of a route identify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ids {
    /// No ids.
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
    /// The secret of an invitation in its body, into an organization without other callers.
    Secret,
    /// The organization in its path, which success deletes.
    OrganizationToDelete,
    /// The account in its path.
    Account,
}

/// Values for a body.
pub(super) struct Values {
    /// The ids for the body, if any.
    pub(super) ids: Vec<String>,
    /// A text that only members of the caller's organization may read.
    pub(super) marker: String,
    /// The caller's address.
    pub(super) email: String,
    /// Different in each call.
    pub(super) number: usize,
}

impl Row {
    /// The row of a route.
    ///
    /// # Errors
    /// If there is none, or if it states another access.
    pub(super) fn of(route: &RouteInfo) -> Result<Self, String> {
        let RouteInfo {
            method,
            path,
            access,
            ..
        } = route;
        let row = row(method.as_str(), path).ok_or_else(|| {
            format!(
                "{method} {path} is not in the route × caller table. Add an arm to \
                 apps/server/tests/it/callers/rows.rs with its access, its success status and, \
                 where it takes them, the kind of its ids and a valid body"
            )
        })?;
        if *method != "GET" && row.events.is_none() {
            return Err(format!(
                "{method} {path} may write, and its row in apps/server/tests/it/callers/rows.rs \
                 does not list the recorded events: `.events(&[…])`, empty only if nothing \
                 changes that belongs in an audit log"
            ));
        }
        let open_to = access.to_string();
        if row.access == open_to {
            return Ok(row);
        }
        Err(format!(
            "{method} {path} is open to `{open_to}`, and its row in \
             apps/server/tests/it/callers/rows.rs states `{}`: one of the two is wrong",
            row.access
        ))
    }
}

/// Recorded for every organization that an operator views data of.
const OPERATOR_LOOKED: &[&str] = &["organizations.operator_looked"];

const TOKEN_REVOKED: &[&str] = &["organizations.token_revoked"];

const DELETE_NEW_ORGANIZATIONS: &str = "DELETE FROM organizations WHERE slug LIKE 'new-%'";

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
            .events(&["users.user_registered"])
            .invalidates_session()
            .body(|values| {
                let email = format!("new-user-{}@example.com", values.number);
                json!({"email": email, "password": PASSWORD, "name": "New user"})
            }),
        ("POST", "/api/auth/login") => route("anyone", 200)
            .events(&["users.user_signed_in"])
            .invalidates_session()
            .body(|values| json!({"email": values.email, "password": PASSWORD})),
        ("POST", "/api/auth/logout") => route(SESSION, 204)
            .events(&["users.session_ended"])
            .invalidates_session(),
        ("GET", "/api/auth/me") => route(ME, 200),
        ("PATCH", "/api/auth/me") => route(SESSION, 200)
            .events(&["users.user_renamed"])
            .body(|values| json!({"name": values.marker})),
        ("POST", "/api/auth/password") => route(SESSION, 204)
            .events(&["users.password_changed"])
            .optional_events(TOKEN_REVOKED)
            .body(|_| json!({"current_password": PASSWORD, "new_password": PASSWORD})),
        ("GET", "/api/auth/sessions") => route(SESSION, 200).query("?limit=100"),
        ("GET", "/api/auth/activity") => route(SESSION, 200).query("?limit=100").shows_actors(),
        ("DELETE", "/api/auth/sessions/{id}") => route(SESSION, 204)
            .events(&["users.session_ended"])
            .ids(Ids::Session),

        ("GET", "/api/tokens") => route(SESSION, 200).query("?limit=100"),
        ("POST", "/api/tokens") => route(SESSION, 201)
            .events(&["organizations.token_created"])
            .ids(Ids::Organization)
            .body(|values| json!({"name": values.marker, "organization_id": values.ids[0]})),
        ("DELETE", "/api/tokens/{id}") => route(SESSION, 204)
            .events(&["organizations.token_revoked"])
            .ids(Ids::Token),

        ("GET", "/api/organizations") => route(ME, 200).query("?limit=100"),
        ("POST", "/api/organizations") => route(SESSION, 201)
            .events(&[
                "organizations.organization_created",
                "organizations.member_joined",
            ])
            .body(|values| json!({"name": values.marker, "slug": format!("new-{}", values.number)}))
            .cleanup(DELETE_NEW_ORGANIZATIONS),
        ("GET", "/api/organizations/current") => route(VIEW, 200),
        ("GET", "/api/organizations/{organization_id}") => route(VIEW, 200).ids(Ids::Organization),
        ("PATCH", "/api/organizations/{organization_id}") => {
            route("admin: organizations.manage", 200)
                .events(&["organizations.organization_renamed"])
                .ids(Ids::Organization)
                .body(|values| json!({"name": values.marker}))
        }
        ("GET", "/api/organizations/{organization_id}/members") => {
            route(VIEW, 200).ids(Ids::Organization).query("?limit=100")
        }
        ("PATCH", "/api/organizations/{organization_id}/members/{member_id}") => {
            route(MANAGE_MEMBERS, 200)
                .events(&["organizations.member_role_changed"])
                .ids(Ids::Member)
                .body(|_| json!({"role": "member"}))
        }
        ("DELETE", "/api/organizations/{organization_id}/members/{member_id}") => {
            route(MANAGE_MEMBERS, 204)
                .events(&["organizations.member_left"])
                .optional_events(TOKEN_REVOKED)
                .ids(Ids::Member)
        }
        ("POST", "/api/organizations/{organization_id}/leave") => route(VIEW, 204)
            .events(&["organizations.member_left"])
            .optional_events(TOKEN_REVOKED)
            .ids(Ids::Organization)
            .by_stand_in(),
        ("POST", "/api/organizations/{organization_id}/transfer") => {
            route("owner: organizations.transfer", 200)
                .events(&["organizations.ownership_transferred"])
                .ids(Ids::Member)
                .by_stand_in()
                .body(|values| json!({"member_id": values.ids[0]}))
        }
        ("GET", "/api/organizations/{organization_id}/audit-log") => {
            route("admin: audit_log.view", 200)
                .ids(Ids::Organization)
                .query("?limit=100")
                .shows_actors()
        }
        ("GET", "/api/organizations/{organization_id}/invitations") => route(INVITE, 200)
            .ids(Ids::Organization)
            .query("?limit=100"),
        ("POST", "/api/organizations/{organization_id}/invitations") => route(INVITE, 201)
            .events(&["organizations.invitation_sent"])
            .ids(Ids::Organization)
            .body(|values| {
                let email = format!("invited-{}@example.com", values.number);
                json!({"email": email, "role": "viewer"})
            }),
        ("POST", "/api/organizations/{organization_id}/invitations/{invitation_id}/resend") => {
            route(INVITE, 200)
                .events(&["organizations.invitation_resent"])
                .ids(Ids::Invitation)
        }
        ("DELETE", "/api/organizations/{organization_id}/invitations/{invitation_id}") => {
            route(INVITE, 204)
                .events(&["organizations.invitation_revoked"])
                .ids(Ids::Invitation)
        }
        ("POST", "/api/invitations/preview") => route("anyone", 200)
            .events(&[])
            .ids(Ids::Secret)
            .body(|values| json!({"token": values.ids[0]}))
            .cleanup(DELETE_NEW_ORGANIZATIONS),
        ("POST", "/api/invitations/accept") => route(SESSION, 200)
            .events(&[
                "organizations.member_joined",
                "organizations.invitation_accepted",
            ])
            .ids(Ids::Secret)
            .body(|values| json!({"token": values.ids[0]}))
            .cleanup(DELETE_NEW_ORGANIZATIONS),
        ("POST", "/api/organizations/{organization_id}/switch") => {
            route("viewer: organizations.view, by session only", 200)
                .events(&[])
                .ids(Ids::Organization)
                .invalidates_session()
        }

        ("GET", "/api/organizations/{organization_id}/settings") => {
            route(VIEW, 200).ids(Ids::Organization)
        }
        ("PATCH", "/api/organizations/{organization_id}/settings") => {
            route("admin: organizations.manage", 200)
                .events(&["organizations.settings_changed"])
                .ids(Ids::Organization)
                .body(|values| json!({"custom": {"note": values.marker}}))
        }
        ("GET", "/api/organizations/{organization_id}/billing") => {
            route("admin: organizations.view_billing", 200).ids(Ids::Organization)
        }
        ("DELETE", "/api/organizations/{organization_id}") => {
            route("owner: organizations.delete", 204)
                .events(&[
                    "organizations.deletion_began",
                    "organizations.member_left",
                    "organizations.organization_deleted",
                ])
                .ids(Ids::OrganizationToDelete)
                .body(|_| json!({"confirm_slug": TO_DELETE}))
                .wait_until_zero("SELECT count(*) FROM organizations WHERE slug = 'to-delete'")
                .cleanup("DELETE FROM retired_slugs WHERE slug = 'to-delete'")
        }

        ("GET", "/api/admin/organizations") => route("staff", 200)
            .query("?limit=100")
            .optional_events(OPERATOR_LOOKED),
        ("GET", "/api/admin/members") => route("staff", 200)
            .query("?limit=100")
            .optional_events(OPERATOR_LOOKED),
        ("PATCH", "/api/admin/organizations/{id}") => route("superuser", 200)
            .events(&["organizations.limits_changed"])
            .ids(Ids::Organization)
            .body(|values| json!({"limits": {"projects": 100_000 + values.number}})),
        ("GET", "/api/admin/users") => route("superuser", 200)
            .query("?limit=100")
            .optional_events(OPERATOR_LOOKED),
        ("GET", "/api/reports/organizations") => route("superuser", 200)
            .query("?limit=100")
            .events(&["organizations.report_viewed"])
            .optional_events(OPERATOR_LOOKED),
        ("GET", "/api/admin/users/{id}") => route("superuser", 200)
            .ids(Ids::Account)
            .optional_events(OPERATOR_LOOKED),
        ("PATCH", "/api/admin/users/{id}") => route("superuser", 200)
            .ids(Ids::Account)
            .events(&[])
            .optional_events(OPERATOR_LOOKED)
            .body(|_| json!({"is_active": true})),

        ("GET", "/api/projects") => route(VIEW_PROJECTS, 200).query("?q=canary&limit=100"),
        ("POST", "/api/projects") => route(MANAGE_PROJECTS, 201)
            .events(&["projects.project_created"])
            .body(|values| json!({"name": values.marker, "description": values.marker})),
        ("GET", "/api/projects/{id}") => route(VIEW_PROJECTS, 200).ids(Ids::Project),
        ("PATCH", "/api/projects/{id}") => route(MANAGE_PROJECTS, 200)
            .events(&["projects.project_updated"])
            .ids(Ids::Project)
            .body(|values| json!({"name": values.marker})),
        ("DELETE", "/api/projects/{id}") => route(MANAGE_PROJECTS, 204)
            .events(&["projects.project_deleted"])
            .ids(Ids::Project),
        ("POST", "/api/projects/bulk") => route(MANAGE_PROJECTS, 200)
            .events(&["projects.project_status_changed"])
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
        invalidates_session: false,
        by_stand_in: false,
        shows_actors: false,
        events: None,
        optional_events: &[],
        wait_until_zero: None,
        cleanup: None,
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

    const fn invalidates_session(mut self) -> Self {
        self.invalidates_session = true;
        self
    }

    const fn by_stand_in(mut self) -> Self {
        self.by_stand_in = true;
        self
    }

    const fn shows_actors(mut self) -> Self {
        self.shows_actors = true;
        self
    }

    const fn events(mut self, events: &'static [&'static str]) -> Self {
        self.events = Some(events);
        self
    }

    const fn optional_events(mut self, events: &'static [&'static str]) -> Self {
        self.optional_events = events;
        self
    }

    const fn wait_until_zero(mut self, sql: &'static str) -> Self {
        self.wait_until_zero = Some(sql);
        self
    }

    const fn cleanup(mut self, sql: &'static str) -> Self {
        self.cleanup = Some(sql);
        self
    }

    /// The targets of the route: every kind of id and, on routes that act in the request's
    /// organization, every kind of header for each.
    pub(super) fn targets(&self, by_context: bool) -> Vec<Target> {
        const ONE: [&[Ownership]; 3] = [&[Own], &[Foreign], &[Random]];
        const SEVERAL: [&[Ownership]; 5] = [
            &[Own],
            &[Foreign],
            &[Random],
            &[Own, Foreign],
            &[Own, Random],
        ];
        // The organization, then a resource in it.
        const INSIDE: [&[Ownership]; 7] = [
            &[Own, Own],
            &[Own, Foreign],
            &[Own, Random],
            &[Foreign, Own],
            &[Foreign, Foreign],
            &[Random, Own],
            &[Random, Random],
        ];
        let ids: &[&[Ownership]] = match self.ids {
            Ids::None => &[&[]],
            Ids::Organization
            | Ids::OrganizationToDelete
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
