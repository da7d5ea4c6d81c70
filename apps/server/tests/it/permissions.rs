//! The permission table of the documentation, generated from the code.

use std::{env, fmt::Write as _, fs};

use tenantry::app;
use tenantry_core::access::Role;
use tenantry_http::RouteInfo;

/// The snapshot.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/permissions.md");

const HEAD: &str = "\
# Who may do what

For admins and developers. Generated from the permissions that the modules declare (`permission!` in
each `model.rs`); `TENANTRY_RENEW=1 cargo test -p tenantry --test it permissions` renews it.

";

const RULE: &str = "
## Acting on members

A caller with permission to manage or invite members acts only on members of at most the caller's own
role, and grants at most that role (`Role::is_at_least`).

";

const TAIL: &str = "
A member can't raise their own role, and only owners act on owners. The last owner with an active
account can't be demoted, removed or disabled, and can't leave: 409 `last_owner`.
";

fn yes_or_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// A table with a column for each role.
fn table(first: &str, rows: Vec<(String, [bool; 4])>) -> String {
    let roles = Role::ALL.map(|role| role.to_string()).join(" | ");
    let mut text = format!("| {first} | {roles} |\n|---|---|---|---|---|\n");
    for (name, may) in rows {
        let may = may.map(yes_or_no).join(" | ");
        writeln!(text, "| {name} | {may} |").expect("text grows");
    }
    text
}

fn generated() -> String {
    let permissions = app::permissions().into_iter();
    let may = permissions.map(|permission| {
        let name = format!("`{}`", permission.code);
        (name, Role::ALL.map(|role| role >= permission.min_role))
    });
    let acting = Role::ALL.into_iter();
    let covers = acting.map(|held| {
        (
            held.to_string(),
            Role::ALL.map(|other| held.is_at_least(other)),
        )
    });
    let (may, covers) = (may.collect(), covers.collect());
    let (may, covers) = (
        table("permission", may),
        table("own role, may act on", covers),
    );
    format!("{HEAD}{may}{RULE}{covers}{TAIL}")
}

#[test]
fn the_documented_permissions_match_the_code() {
    let generated = generated();
    if env::var_os("TENANTRY_RENEW").is_some() {
        fs::write(FILE, &generated).expect("a file of the repository");
    }
    let documented = fs::read_to_string(FILE).expect("a file of the repository");
    assert!(
        documented == generated,
        "docs/permissions.md is not what the code says. If the code is right, run\n\
         TENANTRY_RENEW=1 cargo test -p tenantry --test it permissions\n\n{generated}"
    );
}

/// Inviting, managing members, billing and deletion, as the guide has them.
#[test]
fn the_permissions_of_the_guide_hold() {
    let guide = [
        ("organizations.invite_members", [false, false, true, true]),
        ("organizations.manage_members", [false, false, true, true]),
        ("organizations.view_billing", [false, false, true, true]),
        ("organizations.delete", [false, false, false, true]),
    ];
    let permissions = app::permissions();
    for (code, expected) in guide {
        let found = permissions
            .iter()
            .find(|permission| permission.code == code);
        let min_role = found.expect("declared").min_role;
        assert_eq!(Role::ALL.map(|role| role >= min_role), expected, "{code}");
    }
}

#[test]
fn every_permission_of_a_route_is_listed() {
    let permissions = app::permissions();
    for RouteInfo {
        method,
        path,
        access,
        ..
    } in app::routes().infos()
    {
        if let Some(permission) = access.permission() {
            assert!(
                permissions.contains(&permission),
                "{method} {path}: {permission:?}"
            );
        }
    }
}
