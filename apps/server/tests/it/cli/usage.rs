//! Usage, routes, completions and manual pages.

use crate::support::Program;

#[test]
fn wrong_usage_is_exit_code_2() {
    for arguments in [
        &["frobnicate"][..],
        &["org"],
        &["org", "show", "No Slug"],
        &["user", "create", "--email", "unknown", "--name", "N"],
        &["migrate", "down", "0"],
    ] {
        let refused = Program::bare().run(arguments).expect(2);
        assert_eq!(refused.stdout, "", "{arguments:?}");
    }
}

#[test]
fn routes_are_listed_with_who_may_call_them() {
    let text = Program::bare().run(&["routes"]).expect(0).stdout;
    assert!(text.starts_with("METHOD"), "{text}");

    let listed = Program::bare().run(&["routes", "--json"]).expect(0).json();
    let listed = listed.as_array().expect("a list");
    let has = |method: &str, path: &str, access: &str| {
        listed.iter().any(|route| {
            route["method"] == method && route["path"] == path && route["access"] == access
        })
    };
    assert!(has("GET", "/health/ready", "anyone"), "{listed:#?}");
    assert!(
        has("POST", "/api/organizations", "user, by session only"),
        "{listed:#?}"
    );
    assert!(
        has("POST", "/api/projects", "member: projects.manage"),
        "{listed:#?}"
    );
}

#[test]
fn routes_need_no_valid_settings() {
    let broken = Program::bare().with("DEPLOYMENT_MODE", "both");
    broken.run(&["routes"]).expect(0);
    broken.run(&["user", "list"]).expect(78);
}

#[test]
fn shells_complete_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = Program::bare()
            .run(&["completions", shell])
            .expect(0)
            .stdout;
        for command in ["serve", "doctor", "transfer", "reset-password"] {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
    Program::bare().run(&["completions", "tcl"]).expect(2);
}

#[test]
fn every_command_has_a_manual_page() {
    let page = Program::bare().run(&["man"]).expect(0).stdout;
    assert!(page.contains(".TH tenantry 1"), "{page}");
    let page = Program::bare().run(&["man", "org", "create"]).expect(0);
    assert!(page.stdout.contains("owner\\-email"), "{}", page.stdout);
    Program::bare().run(&["man", "org", "frobnicate"]).expect(2);
}
