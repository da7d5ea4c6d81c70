//! The reference of routes: the one place where the access of each is reviewed.

use std::fmt::Write as _;

use tenantry::app;
use tenantry_http::{Access, RouteInfo};

use super::{RENEW, compare};

fn row(route: &RouteInfo) -> String {
    let RouteInfo {
        method,
        path,
        access,
        sample,
        ..
    } = route;
    let permission = access.permission();
    let who = match permission {
        Some(permission) => permission.min_role.to_string(),
        None if access.is_anyone() || access.is_visitor() => "anyone".to_owned(),
        None if access.is_for_superusers() => "superuser".to_owned(),
        None if access.is_for_operators() => "staff".to_owned(),
        None => "user".to_owned(),
    };
    let permission = permission.map_or_else(String::new, |it| format!("`{}`", it.code));
    let credentials = credentials(access);
    let events = sample.records.unwrap_or_default().iter();
    let events: Vec<_> = events.map(|event| format!("`{event}`")).collect();
    let events = events.join(", ");
    format!("| {method} | `{path}` | {who} | {permission} | {credentials} | {events} |")
}

const fn credentials(access: &Access) -> &'static str {
    if access.is_visitor() {
        "none or session"
    } else if access.is_anyone() {
        "none"
    } else if access.is_session_only() || access.is_for_operators() {
        "session"
    } else {
        "session or token"
    }
}

fn generated() -> String {
    let mut text = format!(
        "# Routes\n\n\
         For authors of clients, and for reviewers: a change of who may call a route shows in a change of\n\
         this page. *Access* is the minimum: `user` is any signed-in caller, `viewer` to `owner` are roles\n\
         in the organization of the request, `staff` and `superuser` are operators of the deployment.\n\
         [permissions.md](permissions.md) lists what each role may do. *Events* are those that a successful\n\
         call always records.\n\n\
         Generated from the routes of each module; `{RENEW}` renews it.\n\n\
         | method | path | access | permission | credentials | events |\n|---|---|---|---|---|---|\n"
    );
    for route in app::routes().infos() {
        writeln!(text, "{}", row(&route)).expect("text grows");
    }
    text
}

#[test]
fn a_route_with_widened_access_changes_the_page() {
    for mut route in app::routes().infos() {
        let before = row(&route);
        if !route.access.is_anyone() {
            route.access = Access::anyone();
            assert_ne!(row(&route), before);
        }
    }
}

#[test]
fn the_documented_routes_are_those_of_the_code() {
    compare("routes.md", &generated());
}
