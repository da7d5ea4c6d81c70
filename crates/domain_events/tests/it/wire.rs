//! Names, versions and payloads on the wire. Whoever stored an event reads it by these: a test
//! that fails here asks for a new version and not for another expectation.

use std::{collections::BTreeSet, fmt::Debug};

use serde_json::{Value, json};
use tenantry_core::{access::Role, event::DomainEvent, id::Uuid};
use tenantry_domain_events::events::{
    organizations::{
        LeaveReason, LimitsChanged, OperatorLooked, OrganizationCreated, OrganizationDeleted,
        OrganizationDeletionBegan, OrganizationDisabled, OrganizationEnabled, OrganizationRenamed,
        ReportViewed, SettingsChanged, UserJoinedOrganization, UserLeftOrganization,
    },
    projects::{ProjectCreated, ProjectDeleted, ProjectStatusChanged, ProjectUpdated},
    users::{
        PasswordChanged, PasswordReset, SessionEnded, UserDisabled, UserEnabled, UserFlagsChanged,
        UserRegistered, UserRenamed, UserSignedIn,
    },
};

use crate::support::{organization, user};

const ORGANIZATION: &str = "00000000-0000-0000-0000-000000000003";
const PROJECT: &str = "00000000-0000-0000-0000-000000000004";
const USER: &str = "00000000-0000-0000-0000-000000000007";
const OTHER: &str = "00000000-0000-0000-0000-000000000008";
const SESSION: &str = "00000000-0000-0000-0000-000000000009";

/// Name and version, and that the event is written as this JSON and read back from it.
fn wire<E: DomainEvent + Debug + PartialEq>(event: &E, payload: Value) -> (&'static str, u16) {
    assert_eq!(serde_json::to_value(event).expect("plain data"), payload);
    let in_organization = payload.get("organization_id").is_some();
    assert_eq!(
        event.organization(),
        in_organization.then(|| organization(3))
    );
    assert_eq!(
        &serde_json::from_value::<E>(payload).expect("read back"),
        event
    );
    (E::NAME, E::VERSION)
}

fn organizations() -> Vec<(&'static str, u16)> {
    let organization_id = organization(3);
    let joined = |invited_by_user_id| UserJoinedOrganization {
        organization_id,
        user_id: user(7),
        role: Role::Admin,
        invited_by_user_id,
    };
    let left = |reason| UserLeftOrganization {
        organization_id,
        user_id: user(7),
        reason,
    };
    let left_as =
        |reason| json!({"organization_id": ORGANIZATION, "user_id": USER, "reason": reason});
    wire(&left(LeaveReason::Left), left_as("left"));
    wire(&left(LeaveReason::OrgDeleted), left_as("org_deleted"));
    wire(
        &joined(None),
        json!({
            "organization_id": ORGANIZATION, "user_id": USER, "role": "admin",
            "invited_by_user_id": null,
        }),
    );
    vec![
        wire(
            &OrganizationCreated {
                organization_id,
                name: "Acme".parse().expect("valid"),
                created_by_user_id: user(7),
            },
            json!({"organization_id": ORGANIZATION, "name": "Acme", "created_by_user_id": USER}),
        ),
        wire(
            &OrganizationRenamed {
                organization_id,
                name: "Acme".parse().expect("valid"),
            },
            json!({"organization_id": ORGANIZATION, "name": "Acme"}),
        ),
        wire(
            &joined(Some(user(8))),
            json!({
                "organization_id": ORGANIZATION, "user_id": USER, "role": "admin",
                "invited_by_user_id": OTHER,
            }),
        ),
        wire(&left(LeaveReason::Removed), left_as("removed")),
    ]
}

/// What operators and owners do to a whole organization.
fn lives() -> Vec<(&'static str, u16)> {
    let organization_id = organization(3);
    let slug = || "acme".parse().expect("valid");
    let plain = || json!({"organization_id": ORGANIZATION});
    let gone = || json!({"organization_id": ORGANIZATION, "slug": "acme"});
    vec![
        wire(&OrganizationDisabled { organization_id }, plain()),
        wire(&OrganizationEnabled { organization_id }, plain()),
        wire(
            &OrganizationDeletionBegan {
                organization_id,
                slug: slug(),
            },
            gone(),
        ),
        wire(
            &OrganizationDeleted {
                organization_id,
                slug: slug(),
            },
            gone(),
        ),
        wire(
            &SettingsChanged {
                organization_id,
                keys: vec!["preferences.locale".to_owned()],
            },
            json!({"organization_id": ORGANIZATION, "keys": ["preferences.locale"]}),
        ),
        wire(
            &LimitsChanged {
                organization_id,
                seats: Some(5),
                projects: None,
            },
            json!({"organization_id": ORGANIZATION, "seats": 5, "projects": null}),
        ),
        wire(
            &OperatorLooked {
                organization_id,
                members: 3,
            },
            json!({"organization_id": ORGANIZATION, "members": 3}),
        ),
        wire(
            &ReportViewed { organizations: 7 },
            json!({"organizations": 7}),
        ),
    ]
}

fn projects() -> Vec<(&'static str, u16)> {
    let organization_id = organization(3);
    let project_id = Uuid::from_u128(4).into();
    vec![
        wire(
            &ProjectCreated {
                organization_id,
                project_id,
                name: "Apollo".parse().expect("valid"),
                created_by_user_id: user(7),
            },
            json!({
                "organization_id": ORGANIZATION, "project_id": PROJECT, "name": "Apollo",
                "created_by_user_id": USER,
            }),
        ),
        wire(
            &ProjectUpdated {
                organization_id,
                project_id,
                name: "Apollo".parse().expect("valid"),
            },
            json!({"organization_id": ORGANIZATION, "project_id": PROJECT, "name": "Apollo"}),
        ),
        wire(
            &ProjectStatusChanged {
                organization_id,
                project_id,
                status: "active".to_owned(),
            },
            json!({"organization_id": ORGANIZATION, "project_id": PROJECT, "status": "active"}),
        ),
        wire(
            &ProjectDeleted {
                organization_id,
                project_id,
            },
            json!({"organization_id": ORGANIZATION, "project_id": PROJECT}),
        ),
    ]
}

fn users() -> Vec<(&'static str, u16)> {
    let user_id = user(7);
    let session_id = Uuid::from_u128(9).into();
    vec![
        wire(&UserRegistered { user_id }, json!({"user_id": USER})),
        wire(&UserSignedIn { user_id }, json!({"user_id": USER})),
        wire(&UserRenamed { user_id }, json!({"user_id": USER})),
        wire(&PasswordChanged { user_id }, json!({"user_id": USER})),
        wire(
            &SessionEnded {
                user_id,
                session_id,
            },
            json!({"user_id": USER, "session_id": SESSION}),
        ),
        wire(&PasswordReset { user_id }, json!({"user_id": USER})),
        wire(&UserDisabled { user_id }, json!({"user_id": USER})),
        wire(&UserEnabled { user_id }, json!({"user_id": USER})),
        wire(
            &UserFlagsChanged {
                user_id,
                is_staff: true,
                is_superuser: false,
            },
            json!({"user_id": USER, "is_staff": true, "is_superuser": false}),
        ),
    ]
}

#[test]
fn names_and_versions_on_the_wire_do_not_change() {
    let expected = [
        ("organizations.organization_created", 1),
        ("organizations.organization_renamed", 1),
        ("organizations.member_joined", 1),
        ("organizations.member_left", 1),
        ("projects.project_created", 1),
        ("projects.project_updated", 1),
        ("projects.project_status_changed", 1),
        ("projects.project_deleted", 1),
        ("users.user_registered", 1),
        ("users.user_signed_in", 1),
        ("users.user_renamed", 1),
        ("users.password_changed", 1),
        ("users.session_ended", 1),
        ("users.password_reset", 1),
        ("users.user_disabled", 1),
        ("users.user_enabled", 1),
        ("users.flags_changed", 1),
    ];
    assert_eq!([organizations(), projects(), users()].concat(), expected);
    let expected = [
        ("organizations.organization_disabled", 1),
        ("organizations.organization_enabled", 1),
        ("organizations.deletion_began", 1),
        ("organizations.organization_deleted", 1),
        ("organizations.settings_changed", 1),
        ("organizations.limits_changed", 1),
        ("organizations.operator_looked", 1),
        ("organizations.report_viewed", 1),
    ];
    assert_eq!(lives(), expected);
}

#[test]
fn every_event_that_is_declared_is_tested_here() {
    let sources = [
        include_str!("../../src/events/organizations.rs"),
        include_str!("../../src/events/projects.rs"),
        include_str!("../../src/events/users.rs"),
    ];
    // `Event = "module.past_tense";`
    let declared: BTreeSet<&str> = sources
        .iter()
        .flat_map(|source| source.lines())
        .filter_map(|line| line.strip_suffix("\";")?.split_once(" = \""))
        .map(|(_, name)| name)
        .collect();
    let tested = [organizations(), lives(), projects(), users()].concat();
    let tested: BTreeSet<&str> = tested.into_iter().map(|(name, _)| name).collect();
    assert_eq!(declared, tested);
}
