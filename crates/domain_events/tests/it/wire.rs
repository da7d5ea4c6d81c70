//! Names, versions and payloads on the wire. Whoever stored an event reads it by these: a test
//! that fails here asks for a new version and not for another expectation.

use std::{collections::BTreeSet, fmt::Debug};

use serde_json::{Value, json};
use tenantry_core::{access::Role, event::DomainEvent, id::Uuid};
use tenantry_domain_events::events::{
    organizations::{
        LeaveReason, MemberRoleChanged, OrganizationCreated, OrganizationRenamed,
        OwnershipTransferred, UserJoinedOrganization, UserLeftOrganization,
    },
    projects::{ProjectCreated, ProjectDeleted, ProjectStatusChanged, ProjectUpdated},
    users::{PasswordChanged, SessionEnded, UserRegistered, UserRenamed, UserSignedIn},
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
        wire(
            &MemberRoleChanged {
                organization_id,
                user_id: user(7),
                old_role: Role::Member,
                new_role: Role::Admin,
            },
            json!({
                "organization_id": ORGANIZATION, "user_id": USER, "old_role": "member",
                "new_role": "admin",
            }),
        ),
        wire(
            &OwnershipTransferred {
                organization_id,
                from_user_id: user(7),
                to_user_id: user(8),
                to_user_was: Role::Viewer,
            },
            json!({
                "organization_id": ORGANIZATION, "from_user_id": USER, "to_user_id": OTHER,
                "to_user_was": "viewer",
            }),
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
    ]
}

#[test]
fn names_and_versions_on_the_wire_do_not_change() {
    let expected = [
        ("organizations.organization_created", 1),
        ("organizations.organization_renamed", 1),
        ("organizations.member_joined", 1),
        ("organizations.member_left", 1),
        ("organizations.member_role_changed", 1),
        ("organizations.ownership_transferred", 1),
        ("projects.project_created", 1),
        ("projects.project_updated", 1),
        ("projects.project_status_changed", 1),
        ("projects.project_deleted", 1),
        ("users.user_registered", 1),
        ("users.user_signed_in", 1),
        ("users.user_renamed", 1),
        ("users.password_changed", 1),
        ("users.session_ended", 1),
    ];
    assert_eq!([organizations(), projects(), users()].concat(), expected);
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
    let tested = [organizations(), projects(), users()].concat();
    let tested: BTreeSet<&str> = tested.into_iter().map(|(name, _)| name).collect();
    assert_eq!(declared, tested);
}
