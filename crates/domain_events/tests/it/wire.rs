//! Payloads on the wire. Stored events are read by them: a failure here calls for a new version of
//! the event, not for another expectation. `docs/event-payloads.md` has the form of every version.

use std::{collections::BTreeSet, fmt::Debug};

use serde_json::{Value, json};
use tenantry_core::{
    access::Role,
    event::{DomainEvent, EventInfo},
    id::Uuid,
};
use tenantry_domain_events::events::{
    organizations::{
        DueEntry, EntriesDue, InvitationAccepted, InvitationDeclined, InvitationResent,
        InvitationRevoked, InvitationSent, LeaveReason, LimitsChanged, MemberReinstated,
        MemberRoleChanged, MemberSuspended, OperatorViewed, OrganizationCreated,
        OrganizationDeleted, OrganizationDeletionStarted, OrganizationDisabled,
        OrganizationEnabled, OrganizationRenamed, OwnerLost, OwnershipTransferred, ReportViewed,
        SettingsChanged, TokenCreated, TokenRevocationReason, TokenRevoked, UserJoinedOrganization,
        UserLeftOrganization, ViewedResource,
    },
    users::{
        AllSessionsEnded, EmailChangeRequested, EmailChanged, EmailVerified, FactorKind,
        PasskeyMaybeCloned, PasswordChanged, PasswordReset, PasswordResetSent, PermissionDenied,
        RecoveryCodeUsed, RecoveryCodesRenewed, SecondFactorAdded, SecondFactorRemoved,
        SecondFactorsReset, SessionEnded, SignInFailed, SignInFailure, UserDisabled, UserEnabled,
        UserFlagsChanged, UserRegistered, UserRenamed, UserSignedIn,
    },
};

use crate::support::{organization, user};

const ORGANIZATION: &str = "00000000-0000-0000-0000-000000000003";
const USER: &str = "00000000-0000-0000-0000-000000000007";
const OTHER: &str = "00000000-0000-0000-0000-000000000008";
const INVITATION: &str = "00000000-0000-0000-0000-000000000006";
const SESSION: &str = "00000000-0000-0000-0000-000000000009";
const PASSKEY: &str = "00000000-0000-0000-0000-00000000000b";
const AT: &str = "2026-01-05T09:00:00Z";
const TOKEN: &str = "00000000-0000-0000-0000-00000000000a";

/// Checks that the event is written as this JSON and read back from it. Returns its name.
fn wire<E: DomainEvent + Debug + PartialEq>(event: &E, payload: Value) -> &'static str {
    assert_eq!(serde_json::to_value(event).expect("plain data"), payload);
    let in_organization = payload.get("organization_id").is_some();
    assert_eq!(
        event.organization(),
        in_organization.then(|| organization(3))
    );
    assert_eq!(
        EventInfo::of::<E>().stream == "organization",
        in_organization
    );
    assert_eq!(
        &serde_json::from_value::<E>(payload).expect("read back"),
        event
    );
    E::NAME
}

fn organizations() -> Vec<&'static str> {
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
    let revoked = |cause| TokenRevoked {
        organization_id,
        user_id: user(7),
        token_id: Uuid::from_u128(10).into(),
        name: "CI".parse().expect("valid"),
        last_four: "beef".to_owned(),
        cause,
    };
    let ended = |cause| {
        let mut payload = token();
        payload["cause"] = json!(cause);
        payload
    };
    for (cause, named) in [
        (TokenRevocationReason::MembershipEnded, "membership_ended"),
        (TokenRevocationReason::PasswordChanged, "password_changed"),
        (TokenRevocationReason::PasswordReset, "password_reset"),
        (TokenRevocationReason::UserDisabled, "user_disabled"),
    ] {
        wire(&revoked(cause), ended(named));
    }
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
            &TokenCreated {
                organization_id,
                user_id: user(7),
                token_id: Uuid::from_u128(10).into(),
                name: "CI".parse().expect("valid"),
                last_four: "beef".to_owned(),
            },
            token(),
        ),
        wire(&revoked(TokenRevocationReason::Revoked), ended("revoked")),
        wire(
            &MemberSuspended {
                organization_id,
                user_id: user(7),
            },
            json!({"organization_id": ORGANIZATION, "user_id": USER}),
        ),
        wire(
            &MemberReinstated {
                organization_id,
                user_id: user(7),
            },
            json!({"organization_id": ORGANIZATION, "user_id": USER}),
        ),
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
            &OwnerLost {
                organization_id,
                user_id: user(7),
            },
            json!({"organization_id": ORGANIZATION, "user_id": USER}),
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

fn invitations() -> Vec<&'static str> {
    let organization_id = organization(3);
    let invitation_id = Uuid::from_u128(6).into();
    vec![
        wire(
            &InvitationSent {
                organization_id,
                invitation_id,
                role: Role::Viewer,
                invited_by_user_id: user(7),
            },
            json!({
                "organization_id": ORGANIZATION, "invitation_id": INVITATION, "role": "viewer",
                "invited_by_user_id": USER,
            }),
        ),
        wire(
            &InvitationResent {
                organization_id,
                invitation_id,
                invited_by_user_id: user(7),
            },
            json!({
                "organization_id": ORGANIZATION, "invitation_id": INVITATION,
                "invited_by_user_id": USER,
            }),
        ),
        wire(
            &InvitationDeclined {
                organization_id,
                invitation_id,
                user_id: user(7),
            },
            json!({"organization_id": ORGANIZATION, "invitation_id": INVITATION, "user_id": USER}),
        ),
        wire(
            &InvitationRevoked {
                organization_id,
                invitation_id,
            },
            json!({"organization_id": ORGANIZATION, "invitation_id": INVITATION}),
        ),
        wire(
            &InvitationAccepted {
                organization_id,
                invitation_id,
                user_id: user(7),
            },
            json!({
                "organization_id": ORGANIZATION, "invitation_id": INVITATION, "user_id": USER,
            }),
        ),
    ]
}

/// The events of an organization's lifecycle.
fn lifecycle() -> Vec<&'static str> {
    let organization_id = organization(3);
    let slug = || "acme".parse().expect("valid");
    let plain = || json!({"organization_id": ORGANIZATION});
    let gone = || json!({"organization_id": ORGANIZATION, "slug": "acme"});
    let looked = |at| OperatorViewed {
        organization_id,
        at,
        members: 3,
    };
    let looked_at = |at| json!({"organization_id": ORGANIZATION, "at": at, "members": 3});
    let due = |entry| EntriesDue {
        user_id: user(7),
        accounts: vec![user(8)],
        entry,
        after: organization_id,
    };
    let due_as = |entry| json!({"user_id": USER, "accounts": [OTHER], "entry": entry, "after": ORGANIZATION});
    wire(&due(DueEntry::Suspended), due_as("suspended"));
    wire(&due(DueEntry::Reinstated), due_as("reinstated"));
    wire(
        &looked(ViewedResource::Organization),
        looked_at("organization"),
    );
    wire(&looked(ViewedResource::Accounts), looked_at("accounts"));
    wire(&looked(ViewedResource::Report), looked_at("report"));
    wire(&looked(ViewedResource::Rows), looked_at("rows"));
    let disabled = OrganizationDisabled {
        organization_id,
        reason: None,
    };
    wire(&disabled, plain());
    vec![
        wire(
            &OrganizationDisabled {
                organization_id,
                reason: Some("unpaid".parse().expect("valid")),
            },
            json!({"organization_id": ORGANIZATION, "reason": "unpaid"}),
        ),
        wire(&OrganizationEnabled { organization_id }, plain()),
        wire(
            &OrganizationDeletionStarted {
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
        wire(&looked(ViewedResource::Members), looked_at("members")),
        wire(
            &ReportViewed {
                user_id: user(7),
                organizations: 7,
            },
            json!({"user_id": USER, "organizations": 7}),
        ),
        wire(&due(DueEntry::Viewed), due_as("viewed")),
    ]
}

fn token() -> Value {
    json!({
        "organization_id": ORGANIZATION, "user_id": USER, "token_id": TOKEN, "name": "CI",
        "last_four": "beef",
    })
}

fn users() -> Vec<&'static str> {
    let user_id = user(7);
    let session_id = Uuid::from_u128(9).into();
    let at = || AT.parse().expect("a moment");
    let failed = |reason| SignInFailed {
        user_id,
        reason,
        times: 2,
        first_at: at(),
        last_at: at(),
    };
    let failed_as = |reason| {
        json!({
            "user_id": USER, "reason": reason, "times": 2, "first_at": AT, "last_at": AT,
        })
    };
    wire(&failed(SignInFailure::Disabled), failed_as("disabled"));
    let at_a_change = failed_as("wrong_current_password");
    wire(&failed(SignInFailure::WrongCurrentPassword), at_a_change);
    let of_a_factor = failed_as("wrong_second_factor");
    wire(&failed(SignInFailure::WrongSecondFactor), of_a_factor);
    let of_a_passkey = failed_as("passkey_refused");
    wire(&failed(SignInFailure::PasskeyRefused), of_a_passkey);
    let factor = FactorKind::Passkey;
    let by_passkey = json!({"user_id": USER, "factor": "passkey"});
    wire(&SecondFactorAdded { user_id, factor }, by_passkey);
    let passkey_id = Uuid::from_u128(11).into();
    let factor = FactorKind::Totp;
    vec![
        wire(&UserRegistered { user_id }, json!({"user_id": USER})),
        wire(&UserSignedIn { user_id }, json!({"user_id": USER})),
        wire(
            &failed(SignInFailure::WrongPassword),
            failed_as("wrong_password"),
        ),
        wire(
            &PermissionDenied {
                user_id,
                organization: organization(3),
                permission: "projects.manage".to_owned(),
                times: 2,
                first_at: at(),
                last_at: at(),
            },
            json!({
                "user_id": USER, "organization": ORGANIZATION, "permission": "projects.manage",
                "times": 2, "first_at": AT, "last_at": AT,
            }),
        ),
        wire(&UserRenamed { user_id }, json!({"user_id": USER})),
        wire(&PasswordChanged { user_id }, json!({"user_id": USER})),
        wire(
            &SessionEnded {
                user_id,
                session_id,
            },
            json!({"user_id": USER, "session_id": SESSION}),
        ),
        wire(&AllSessionsEnded { user_id }, json!({"user_id": USER})),
        wire(&PasswordReset { user_id }, json!({"user_id": USER})),
        wire(&PasswordResetSent { user_id }, json!({"user_id": USER})),
        wire(&EmailVerified { user_id }, json!({"user_id": USER})),
        wire(&EmailChangeRequested { user_id }, json!({"user_id": USER})),
        wire(&EmailChanged { user_id }, json!({"user_id": USER})),
        wire(
            &SecondFactorAdded { user_id, factor },
            json!({"user_id": USER, "factor": "totp"}),
        ),
        wire(
            &SecondFactorRemoved { user_id, factor },
            json!({"user_id": USER, "factor": "totp"}),
        ),
        wire(
            &PasskeyMaybeCloned {
                user_id,
                passkey_id,
            },
            json!({"user_id": USER, "passkey_id": PASSKEY}),
        ),
        wire(&SecondFactorsReset { user_id }, json!({"user_id": USER})),
        wire(&RecoveryCodeUsed { user_id }, json!({"user_id": USER})),
        wire(&RecoveryCodesRenewed { user_id }, json!({"user_id": USER})),
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
fn every_declared_event_is_tested_here() {
    let declared = [
        tenantry_domain_events::events::organizations::EVENTS,
        tenantry_domain_events::events::organizations::ACCOUNT_EVENTS,
        tenantry_domain_events::events::users::EVENTS,
    ];
    let declared: BTreeSet<&str> = declared.concat().iter().map(|event| event.name).collect();
    let tested: BTreeSet<&str> = all().into_iter().collect();
    assert_eq!(declared, tested);
}

fn all() -> Vec<&'static str> {
    [organizations(), invitations(), lifecycle(), users()].concat()
}
