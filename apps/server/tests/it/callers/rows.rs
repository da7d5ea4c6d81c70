//! How each route is called: its declared sample, and what is particular to a route.

use serde_json::Value;
use tenantry_http::{RouteInfo, SampleValues};
use tenantry_users::LinkPurpose;

use super::expected::{
    Ownership::{self, Foreign, Own, Random},
    Target,
};
use crate::{http::support::collections, support::DOCUMENT};

/// How a route is called so that an authorized call succeeds.
#[derive(Clone, Copy)]
pub(super) struct Row {
    /// The status of success, for a caller without a session and for one with a session.
    pub(super) done: [u16; 2],
    /// What the ids in its path and its body identify.
    pub(super) ids: Ids,
    /// The query string.
    pub(super) query: &'static str,
    /// The body.
    pub(super) body: Option<fn(&SampleValues) -> Value>,
    /// The events that success records: all of these, and no others.
    pub(super) events: &'static [&'static str],
    /// Events that success may record in addition.
    pub(super) optional_events: &'static [&'static str],
    /// Whether success ends the session or changes it.
    pub(super) invalidates_session: bool,
    /// Whether a new user with the caller's role makes the call, because success changes the
    /// caller's membership.
    pub(super) by_stand_in: bool,
    /// Whether that user has a second factor.
    pub(super) stand_in_has_factor: bool,
    /// Whether it returns ids of users who acted here and are not members: former members and
    /// operators.
    pub(super) shows_actors: bool,
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
    /// The resource in its path, of the collection with this path.
    Resource(&'static str),
    /// Resources in its body, of the collection with this path.
    Resources(&'static str),
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
    /// The invitation in its path, to the caller's own address and into an organization without other
    /// callers.
    ReceivedInvitation,
    /// The secret of a link that was mailed to a new account, in its body.
    MailedSecret(LinkPurpose),
    /// None; success is with the second factor of a new user, which its body has a code of.
    Factor(Factor),
    /// The passkey in its path.
    Passkey,
    /// As `Secret`, with a login that waits for the second factor of a new user.
    SecretAndLogin,
    /// The organization in its path, which success deletes.
    OrganizationToDelete,
    /// The account in its path.
    Account,
    /// The name of a file in its path; none has this one.
    File,
    /// The account in its path, which success changes.
    NewAccount,
    /// The account with a second factor in its path, which success changes.
    NewAccountWithFactor,
    /// The organization whose slug is in its path.
    Slug,
    /// The organization whose slug is in its path, then a resource of it, of the collection with this
    /// path, in the path or in the body.
    SlugResource(&'static str),
    /// The organization whose slug is in its path, then a member of it.
    SlugMember,
    /// The organization whose slug is in its path, then an invitation into it.
    SlugInvitation,
    /// The organization whose slug is in its path, which success deletes.
    SlugToDelete,
}

/// How far the second factor of a new user is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Factor {
    /// An app that waits for a code.
    Enrolment,
    /// It is set up.
    SetUp,
    /// It is set up, and a login waits for it.
    Login,
}

/// Recorded for every organization that an operator views data of.
const OPERATOR_VIEWED: &[&str] = &["organizations.operator_looked"];

const TOKEN_REVOKED: &[&str] = &["organizations.token_revoked"];

const DELETE_NEW_ORGANIZATIONS: &str = "DELETE FROM organizations WHERE slug LIKE 'new-%'";

/// One organization of the fixture is disabled from the start.
const ENABLE_ORGANIZATIONS: &str =
    "UPDATE organizations SET is_active = true WHERE slug NOT LIKE '%closed%' AND NOT is_active";

const REQUIRE_NO_FACTOR: &str =
    "UPDATE organizations SET requires_second_factor = FALSE WHERE requires_second_factor";

impl Row {
    /// The row of a route.
    ///
    /// # Errors
    /// If the route does not declare a call that succeeds.
    pub(super) fn of(route: &RouteInfo) -> Result<Self, String> {
        let RouteInfo {
            method,
            path,
            sample,
            ..
        } = route;
        let operation = &DOCUMENT["paths"][path][method.as_str().to_ascii_lowercase()];
        if operation["requestBody"].is_object() && sample.body.is_none() {
            return Err(format!(
                "{method} {path} has a body and no sample: add `.sample(|values| json!({{…}}))` to the \
                 route, a body that succeeds"
            ));
        }
        if *method != "GET" && sample.records.is_none() {
            return Err(format!(
                "{method} {path} may write: add `.records(&[…])` to the route, with the events that it \
                 records; empty only if nothing changes that belongs in an audit log"
            ));
        }
        let parameters = operation["parameters"].as_array();
        let mut parameters = parameters.into_iter().flatten();
        let is_list = parameters.any(|parameter| parameter["name"] == "limit");
        let row = Self {
            done: success(route, operation),
            ids: ids(route),
            query: if is_list { "?limit=100" } else { "" },
            body: sample.body,
            events: sample.records.unwrap_or_default(),
            optional_events: &[],
            invalidates_session: false,
            by_stand_in: false,
            stand_in_has_factor: false,
            shows_actors: false,
            wait_until_zero: None,
            cleanup: None,
        };
        Ok(row.particular(method.as_str(), path))
    }

    /// What is particular to a route, besides its declaration.
    fn particular(mut self, method: &str, path: &str) -> Self {
        match (method, path) {
            ("POST", "/api/auth/signup" | "/api/auth/login" | "/api/auth/logout") => {
                self.invalidates_session = true;
            }
            ("POST", "/api/auth/password/reset" | "/reset") => {
                self.ids = Ids::MailedSecret(LinkPurpose::PasswordReset);
            }
            ("POST", "/api/auth/email/verify" | "/verify") => {
                self.ids = Ids::MailedSecret(LinkPurpose::EmailVerification);
            }
            // The codes of the samples are an app's.
            ("POST", "/api/auth/login/mfa") => {
                self.ids = Ids::Factor(Factor::Login);
                self.events = &["users.user_signed_in"];
            }
            ("POST", "/api/auth/mfa/totp/confirm") => self.ids = Ids::Factor(Factor::Enrolment),
            ("DELETE", "/api/auth/mfa/totp") => {
                self.ids = Ids::Factor(Factor::SetUp);
                self.events = &["users.second_factor_removed"];
            }
            ("POST", "/api/auth/mfa/verify") => {
                self.ids = Ids::Factor(Factor::SetUp);
                self.events = &[];
            }
            ("POST", "/api/auth/mfa/recovery-codes") => self.ids = Ids::Factor(Factor::SetUp),
            // No authenticator makes a sample: its success is in `http::passkeys`.
            ("POST", "/api/auth/mfa/passkeys/finish" | "/api/auth/mfa/verify/passkey/finish") => {
                self.done = [422; 2];
                self.events = &[];
            }
            ("POST", "/api/auth/login/passkey/finish") => {
                self.done = [401; 2];
                self.events = &[];
            }
            ("DELETE", "/api/auth/mfa/passkeys/{id}")
            | ("GET" | "POST", "/account/passkeys/{id}/remove") => self.ids = Ids::Passkey,
            ("POST", "/api/auth/password") => self.optional_events = TOKEN_REVOKED,
            ("DELETE", "/api/auth/sessions/{id}") => self.ids = Ids::Session,
            ("GET", "/api/auth/activity")
            | ("GET", "/api/organizations/{organization_id}/audit-log") => self.shows_actors = true,
            ("POST", "/api/tokens") => self.ids = Ids::Organization,
            ("DELETE", "/api/tokens/{id}") => self.ids = Ids::Token,
            ("POST", "/api/organizations") => self.cleanup = Some(DELETE_NEW_ORGANIZATIONS),
            ("DELETE", "/api/organizations/{organization_id}/members/{member_id}") => {
                self.optional_events = TOKEN_REVOKED;
            }
            ("POST", "/api/organizations/{organization_id}/leave") => {
                self.optional_events = TOKEN_REVOKED;
                self.by_stand_in = true;
            }
            ("POST", "/api/organizations/{organization_id}/transfer") => {
                self.ids = Ids::Member;
                self.by_stand_in = true;
            }
            ("POST", "/api/organizations/{organization_id}/switch") => {
                self.invalidates_session = true;
            }
            ("POST", "/api/invitations/preview" | "/api/invitations/accept") => {
                self.ids = Ids::Secret;
                self.cleanup = Some(DELETE_NEW_ORGANIZATIONS);
            }
            (
                "POST",
                "/api/invitations/{invitation_id}/accept"
                | "/api/invitations/{invitation_id}/decline"
                | "/invitations/{invitation_id}/accept"
                | "/invitations/{invitation_id}/decline",
            ) => {
                self.ids = Ids::ReceivedInvitation;
                self.cleanup = Some(DELETE_NEW_ORGANIZATIONS);
            }
            ("DELETE", "/api/organizations/{organization_id}") => {
                self.ids = Ids::OrganizationToDelete;
                self.wait_until_zero =
                    Some("SELECT count(*) FROM organizations WHERE slug = 'to-delete'");
                self.cleanup = Some("DELETE FROM retired_slugs WHERE slug = 'to-delete'");
            }
            ("PATCH", "/api/admin/organizations/{id}") => self.ids = Ids::Organization,
            ("GET" | "PATCH", "/api/admin/users/{id}") => {
                self.ids = Ids::Account;
                self.optional_events = OPERATOR_VIEWED;
            }
            ("GET", path)
                if path.starts_with("/api/admin/") || path.starts_with("/api/reports/") =>
            {
                self.optional_events = OPERATOR_VIEWED;
            }
            ("GET", "/api/projects") => self.query = "?q=canary&limit=100",
            ("GET", "/o/{slug}") => self.shows_actors = true,
            ("GET", "/o/{slug}/projects") => self.query = "?q=canary&sort=name",
            ("GET", "/" | "/login" | "/signup") => self.done = [200, 303],
            ("POST", "/login" | "/signup" | "/logout" | "/o/{slug}/switch") => {
                self.invalidates_session = true;
            }
            ("GET", "/login/code") => self.done = [303; 2],
            ("POST", "/login/code") => self.ids = Ids::Factor(Factor::Login),
            // Without a second factor there is nothing to do there.
            (
                "GET",
                "/account/verify"
                | "/account/security/app/confirm"
                | "/account/security/app/remove"
                | "/account/security/recovery-codes",
            ) => self.done = [303; 2],
            ("POST", "/account/verify" | "/account/security/app/remove") => {
                self.ids = Ids::Factor(Factor::SetUp);
            }
            // The page with the secret.
            ("POST", "/account/security/app") => self.done = [200; 2],
            // The page with the codes.
            ("POST", "/account/security/app/confirm") => {
                self.ids = Ids::Factor(Factor::Enrolment);
                self.done = [200; 2];
            }
            ("POST", "/account/security/recovery-codes") => {
                self.ids = Ids::Factor(Factor::SetUp);
                self.done = [200; 2];
            }
            ("POST", "/o/{slug}/settings/second-factor") => {
                self.by_stand_in = true;
                self.stand_in_has_factor = true;
                self.cleanup = Some(REQUIRE_NO_FACTOR);
            }
            ("POST", "/account/security") => self.optional_events = TOKEN_REVOKED,
            ("GET" | "POST", "/account/sessions/{id}/end") => self.ids = Ids::Session,
            ("POST", "/account/tokens") => {
                self.ids = Ids::Organization;
                // The page with the secret.
                self.done = [200; 2];
            }
            ("GET" | "POST", "/account/tokens/{id}/revoke") => self.ids = Ids::Token,
            ("GET", "/account/activity") => self.shows_actors = true,
            ("POST", "/o/{slug}/members/invite" | "/o/{slug}/members/invite/link") => {
                // The page with the link.
                self.done = [200; 2];
            }
            ("POST", "/o/{slug}/members/invitations/{invitation_id}/resend") => {
                self.done = [200; 2];
            }
            ("POST", "/o/{slug}/members/{member_id}/remove") => {
                self.optional_events = TOKEN_REVOKED;
            }
            ("POST", "/o/{slug}/members/{member_id}/transfer") => self.by_stand_in = true,
            ("POST", "/o/{slug}/members/leave") => {
                self.optional_events = TOKEN_REVOKED;
                self.by_stand_in = true;
            }
            ("POST", "/o/{slug}/settings/delete") => {
                self.ids = Ids::SlugToDelete;
                self.wait_until_zero =
                    Some("SELECT count(*) FROM organizations WHERE slug = 'to-delete'");
                self.cleanup = Some("DELETE FROM retired_slugs WHERE slug = 'to-delete'");
            }
            ("GET", "/o/{slug}/audit-log") => self.shows_actors = true,
            ("POST", "/invitations/accept") => {
                self.ids = Ids::Secret;
                // Without a session, the invitation again.
                self.done = [200, 303];
                self.cleanup = Some(DELETE_NEW_ORGANIZATIONS);
            }
            ("POST", "/invitations/accept/preview") => {
                self.ids = Ids::Secret;
                self.done = [200; 2];
                self.cleanup = Some(DELETE_NEW_ORGANIZATIONS);
            }
            ("POST", "/invitations/accept/login" | "/invitations/accept/signup") => {
                self.ids = Ids::Secret;
                self.invalidates_session = true;
                self.cleanup = Some(DELETE_NEW_ORGANIZATIONS);
                if path.ends_with("/login") {
                    self.done = [200; 2];
                }
            }
            ("POST", "/invitations/accept/code") => {
                self.ids = Ids::SecretAndLogin;
                self.done = [200; 2];
                self.cleanup = Some(DELETE_NEW_ORGANIZATIONS);
            }
            ("GET", "/assets/{name}") => {
                self.ids = Ids::File;
                self.done = [404; 2];
            }
            ("GET", "/admin") => self.done = [303; 2],
            ("POST", "/admin/organizations/{id}/disable") => {
                self.ids = Ids::Organization;
                self.cleanup = Some(ENABLE_ORGANIZATIONS);
            }
            ("POST", "/admin/organizations/{id}/delete") => {
                self.ids = Ids::OrganizationToDelete;
                self.optional_events = OPERATOR_VIEWED;
                self.wait_until_zero =
                    Some("SELECT count(*) FROM organizations WHERE slug = 'to-delete'");
                self.cleanup = Some("DELETE FROM retired_slugs WHERE slug = 'to-delete'");
            }
            ("POST", path) if path.starts_with("/admin/organizations/{id}/") => {
                self.ids = Ids::Organization;
                self.optional_events = OPERATOR_VIEWED;
            }
            ("GET", path) if path.starts_with("/admin/organizations/{id}") => {
                self.ids = Ids::Organization;
                self.optional_events = OPERATOR_VIEWED;
            }
            ("GET", "/admin/events/forget") => self.query = "?listener=no.longer_there",
            ("GET", path) if path.starts_with("/admin/people/{id}") => {
                self.ids = Ids::Account;
                self.optional_events = OPERATOR_VIEWED;
            }
            ("POST", "/admin/people/{id}/reset-second-factor") => {
                self.ids = Ids::NewAccountWithFactor;
            }
            ("POST", path) if path.starts_with("/admin/people/{id}/") => {
                self.ids = Ids::NewAccount;
            }
            ("GET", path) if path.starts_with("/admin/") => self.optional_events = OPERATOR_VIEWED,
            ("POST", "/organizations") => self.cleanup = Some(DELETE_NEW_ORGANIZATIONS),
            _ => {}
        }
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
            Ids::None | Ids::Factor(_) => &[&[]],
            Ids::File => &[&[Random]],
            Ids::Organization
            | Ids::ReceivedInvitation
            | Ids::OrganizationToDelete
            | Ids::Account
            | Ids::NewAccount
            | Ids::Passkey
            | Ids::NewAccountWithFactor
            | Ids::Resource(_)
            | Ids::Session
            | Ids::Slug
            | Ids::SlugToDelete
            | Ids::Token => &ONE,
            Ids::Resources(_) => &SEVERAL,
            Ids::Member
            | Ids::Invitation
            | Ids::SlugMember
            | Ids::SlugInvitation
            | Ids::SlugResource(_) => &INSIDE,
            Ids::Secret | Ids::SecretAndLogin | Ids::MailedSecret(_) => &[&[Own]],
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

/// The status of success: the only one in the document; of a form it is the way to the next page.
fn success(route: &RouteInfo, operation: &Value) -> [u16; 2] {
    if route.is_page && route.method != "GET" {
        return [303; 2];
    }
    let statuses = operation["responses"].as_object().into_iter().flatten();
    let mut successes = statuses.filter_map(|(status, _)| {
        let status = status.parse().ok()?;
        (200..300).contains(&status).then_some(status)
    });
    [successes.next().unwrap_or(200); 2]
}

/// What the parameters of the path identify, or the ids of the body.
fn ids(route: &RouteInfo) -> Ids {
    if let Some((_, rest)) = route.path.split_once("/{slug}") {
        if rest.contains("/{member_id}") {
            return Ids::SlugMember;
        }
        if rest.contains("/{invitation_id}") {
            return Ids::SlugInvitation;
        }
        let collection = rest.split_once("/{id}").map(|(collection, _)| collection);
        return match route.sample.body_ids.or(collection) {
            Some(path) => Ids::SlugResource(api_collection(path)),
            None => Ids::Slug,
        };
    }
    if let Some(collection) = route.sample.body_ids {
        return Ids::Resources(collection);
    }
    if route.path.contains("/{member_id}") {
        Ids::Member
    } else if route.path.contains("/{invitation_id}") {
        Ids::Invitation
    } else if route.path.contains("/{organization_id}") {
        Ids::Organization
    } else if let Some((collection, _)) = route.path.split_once("/{id}") {
        Ids::Resource(collection)
    } else {
        Ids::None
    }
}

/// The collection of the API whose resources a page shows: `/api/projects` of `/projects`.
fn api_collection(path: &str) -> &'static str {
    let found = collections()
        .iter()
        .find(|route| route.path.ends_with(path));
    found.map_or_else(|| panic!("no collection {path}"), |route| route.path)
}
