//! The operators' pages. For all others they do not exist.

use tenantry_core::access::Role;
use tenantry_testkit::{ApiClient, each_database};

use super::support::{hides, html, leads_to, open, shows, submit};
use crate::{
    cli::insert_dead_job,
    http::support::{RANDOM_ID, Setup, items},
};

async fn operator(setup: &Setup, name: &str, flag: &str) -> ApiClient {
    let client = setup.user(name).await;
    let sql = format!("UPDATE users SET {flag} = TRUE WHERE email = '{name}@example.com'");
    assert_eq!(setup.database.execute(&sql).await, 1);
    client
}

/// What operators looked at, in the organization's audit log, oldest first.
async fn looks(owner: &ApiClient, organization: &str) -> Vec<String> {
    let path =
        format!("/api/organizations/{organization}/audit-log?action=organizations.operator_looked");
    let log = owner.get(&path).send().await.expect(200).json();
    let entries = log["items"].as_array().expect("entries").iter().rev();
    entries
        .map(|entry| entry["data"]["at"].as_str().unwrap_or_default().to_owned())
        .collect()
}

each_database! {
    async fn rows_of_modules_are_shown_to_superusers_and_to_staff_of_the_organization(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let root = operator(&setup, "root", "is_superuser").await;
        let staff = operator(&setup, "staff", "is_staff").await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let globex = setup.organization(&ada, "globex").await;
        for (slug, name) in [("acme", "Rocket of Acme"), ("globex", "Globe of Globex")] {
            setup.project(&ada, slug, name).await;
        }
        setup.join("globex", "staff", Role::Viewer).await;

        let all = open(&root, "/admin/rows?table=projects").await;
        shows(&all, &["Rocket of Acme", "Globe of Globex", ">draft<"]);
        let found = open(&root, "/admin/rows?table=projects&q=ROCKET").await;
        shows(&found, &["Rocket of Acme"]);
        hides(&found, &["Globe of Globex"]);
        let named = open(&root, "/admin/rows?table=projects&organization_name=GLOB").await;
        shows(&named, &["Globe of Globex", "value=\"GLOB\""]);
        hides(&named, &["Rocket of Acme"]);
        let own = open(&staff, "/admin/rows?table=projects").await;
        shows(&own, &["Globe of Globex"]);
        hides(&own, &["Rocket of Acme", &acme]);
        let of_one = open(&root, &format!("/admin/rows?table=projects&organization={acme}")).await;
        shows(&of_one, &["Projects of acme", "Rocket of Acme"]);
        hides(&of_one, &["Globe of Globex"]);
        for path in [
            format!("/admin/rows?table=projects&organization={RANDOM_ID}"),
            "/admin/rows?table=sessions".to_owned(),
        ] {
            html(root.get(&path).send().await, 404);
        }
        html(staff.get(&format!("/admin/rows?table=projects&organization={acme}")).send().await, 404);
        html(ada.get("/admin/rows?table=projects").send().await, 404);
        assert_eq!(looks(&ada, &acme).await, ["rows"; 3]);
        assert_eq!(looks(&ada, &globex).await, ["rows"; 4]);
    }

    async fn a_long_table_shows_the_first_rows_of_each_organization_and_leads_to_the_rest(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let root = operator(&setup, "root", "is_superuser").await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        for number in 0..7 {
            setup.project(&ada, "acme", &format!("Project {number}")).await;
        }
        let all = open(&root, "/admin/rows").await;
        assert_eq!(all.matches("<td>Project ").count(), 5);
        shows(&all, &["There are more of this organization", &format!("organization={acme}")]);
        let of_one = open(&root, &format!("/admin/rows?organization={acme}")).await;
        assert_eq!(of_one.matches("<td>Project ").count(), 7);
    }

    async fn each_look_of_an_operator_is_in_the_audit_log(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let root = operator(&setup, "root", "is_superuser").await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let me = ada.get("/api/auth/me").send().await.expect(200).json();
        let person = format!("/admin/people/{}", me["id"].as_str().expect("an id"));
        let organization = format!("/admin/organizations/{acme}");
        let pages = [
            ("/admin/organizations", "organization"),
            (&*organization, "organization"),
            (&format!("{organization}/disable"), "organization"),
            (&format!("{organization}/delete"), "organization"),
            ("/admin/members", "members"),
            ("/admin/people", "accounts"),
            (&person, "accounts"),
            ("/admin/rows", "rows"),
            ("/admin/report", "report"),
            ("/admin/report?sort=-members", "report"),
        ];
        for (path, _) in pages {
            open(&root, path).await;
        }
        root.get("/admin/report.csv").send().await.expect(200);
        let mut expected: Vec<_> = pages.iter().map(|(_, at)| *at).collect();
        expected.push("report");
        assert_eq!(looks(&ada, &acme).await, expected);
    }

    async fn an_organization_is_disabled_with_a_reason_that_its_log_keeps(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let root = operator(&setup, "root", "is_superuser").await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let path = format!("/admin/organizations/{acme}");
        let form = open(&root, &format!("{path}/disable")).await;
        shows(&form, &["Disable acme?", "name=\"reason\""]);
        let long = "x".repeat(256);
        let refused = submit(&root, &format!("{path}/disable"), &[("reason", &long)]).await;
        shows(&html(refused, 422), &["reason-error", &long]);
        let reason = "The bill was <not> paid";
        let disabled = submit(&root, &format!("{path}/disable"), &[("reason", reason)]).await;
        assert_eq!(leads_to(disabled), format!("{path}?done=organization-disabled"));
        ada.get("/api/projects").organization("acme").send().await.expect(404);
        leads_to(submit(&root, &format!("{path}/enable"), &[]).await);
        let log = ada.get(&format!("/api/organizations/{acme}/audit-log?action=organizations.organization_disabled"));
        let log = log.send().await.expect(200).json();
        assert_eq!(log["items"][0]["data"]["reason"], reason);
        shows(&open(&ada, "/o/acme/audit-log").await, &["The bill was &#60;not&#62; paid"]);
    }

    async fn an_organization_is_deleted_after_its_slug_was_typed(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let root = operator(&setup, "root", "is_superuser").await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let path = format!("/admin/organizations/{acme}/delete");
        for wrong in ["", "Acme", "globex"] {
            let refused = submit(&root, &path, &[("confirm_slug", wrong)]).await;
            shows(&html(refused, 422), &["confirm_slug-error"]);
        }
        ada.get("/api/projects").organization("acme").send().await.expect(200);
        let deleted = submit(&root, &path, &[("confirm_slug", "acme")]).await;
        assert_eq!(leads_to(deleted), "/admin/deletions?done=deletion-started");
        ada.get("/api/projects").organization("acme").send().await.expect(404);
        html(root.get(&path).send().await, 404);
        open(&root, "/admin/deletions").await;
    }

    async fn an_unfinished_deletion_shows_what_is_left(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let root = operator(&setup, "root", "is_superuser").await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "acme").await;
        setup.project(&ada, "acme", "Rocket").await;
        shows(&open(&root, "/admin/deletions").await, &["No organization is being deleted"]);
        let mark = "UPDATE organizations SET is_active = FALSE, deleted_at = updated_at WHERE slug = 'acme'";
        setup.database.execute(mark).await;
        let page = open(&root, "/admin/deletions").await;
        shows(&page, &["acme", "organization_members: 1", "projects: 1"]);
    }

    async fn all_sessions_of_a_person_are_ended(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let root = operator(&setup, "root", "is_superuser").await;
        let ada = setup.user("ada").await;
        let me = ada.get("/api/auth/me").send().await.expect(200).json();
        let person = format!("/admin/people/{}", me["id"].as_str().expect("an id"));
        shows(&open(&root, &person).await, &["Last seen", "<time"]);
        let ended = submit(&root, &format!("{person}/end-sessions"), &[]).await;
        assert_eq!(leads_to(ended), format!("{person}?done=sessions-ended"));
        ada.get("/api/auth/me").send().await.expect(401);
        shows(&open(&root, &person).await, &["no session"]);
        html(submit(&root, &format!("/admin/people/{RANDOM_ID}/end-sessions"), &[]).await, 404);
    }

    async fn jobs_are_shown_and_dead_ones_are_tried_again_or_dropped(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let root = operator(&setup, "root", "is_superuser").await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "acme").await;
        for job in ["projects.archive_idle", "notes.gone"] {
            insert_dead_job(&setup.database, job, "acme").await;
        }
        let page = open(&root, "/admin/events").await;
        shows(&page, &["<h2>Jobs</h2>", "projects.archive_idle", "the disk is full"]);
        let found = open(&root, "/admin/events?listener=notes").await;
        shows(&found, &["notes.gone", "no longer there"]);
        hides(&found, &["projects.archive_idle"]);

        let retried = submit(&root, "/admin/events/retry", &[("listener", "projects.archive_idle")]);
        assert_eq!(leads_to(retried.await), "/admin/events?done=dead-letters-requeued");
        let kept = submit(&root, "/admin/events/forget", &[("listener", "projects.archive_idle")]);
        assert_eq!(leads_to(kept.await), "/admin/events?done=nothing-to-drop");
        html(root.get("/admin/events/forget?listener=projects.archive_idle").send().await, 404);
        let page = open(&root, "/admin/events/forget?listener=notes.gone").await;
        shows(&page, &["Deliveries and jobs that wait: 0.", "Dead letters: 1."]);
        let dropped = submit(&root, "/admin/events/forget", &[("listener", "notes.gone")]);
        assert_eq!(leads_to(dropped.await), "/admin/events?done=deliveries-dropped");
        hides(&open(&root, "/admin/events").await, &["notes.gone"]);
    }

    async fn people_are_filtered_by_being_operators(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let root = operator(&setup, "root", "is_superuser").await;
        setup.user("ada").await;
        let operators = open(&root, "/admin/people?is_operator=true").await;
        shows(&operators, &["root@example.com"]);
        hides(&operators, &["ada@example.com"]);
        let others = root.get("/api/admin/users?is_operator=false").send().await.expect(200);
        assert_eq!(items(&others, "email"), ["ada@example.com"]);
        assert!(others.json()["items"][0]["last_seen_at"].is_string());
    }

    async fn the_report_is_sorted_by_the_headings(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let root = operator(&setup, "root", "is_superuser").await;
        let ada = setup.user("ada").await;
        for slug in ["beta", "alpha"] {
            setup.organization(&ada, slug).await;
        }
        setup.project(&ada, "beta", "One").await;
        let order = async |sort: &str| {
            let page = open(&root, &format!("/admin/report{sort}")).await;
            let (_, table) = page.split_once("<tbody>").expect("a table");
            table.find(">alpha<").expect("shown") < table.find(">beta<").expect("shown")
        };
        assert!(!order("").await, "by age");
        assert!(order("?sort=name").await);
        assert!(!order("?sort=-name").await);
        assert!(!order("?sort=-projects").await);
        assert!(order("?sort=projects").await);
        html(root.get("/admin/report?sort=nothing").send().await, 422);
    }

    async fn a_message_of_another_version_is_no_message(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "acme").await;
        for path in ["/login", "/organizations", "/o/acme", "/o/acme/projects", "/account"] {
            let page = ada.get(&format!("{path}?done=unheard-of")).send().await;
            assert!([200, 303].contains(&page.status), "{path}: {page}");
        }
    }
    async fn pages_ignore_parameters_that_programs_add_to_links(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "acme").await;
        for path in ["/organizations?utm_source=x", "/o/acme/projects?fbclid=1&q=&q=x", "/account?x=1"] {
            open(&ada, path).await;
        }
        html(ada.get("/o/acme/projects?q=%ff").send().await, 400);
    }

    async fn an_operator_can_not_disable_the_own_account(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let root = operator(&setup, "root", "is_superuser").await;
        let me = root.get("/api/auth/me").send().await.expect(200).json();
        let id = me["id"].as_str().expect("an id");
        let refused = submit(&root, &format!("/admin/people/{id}/disable"), &[("force", "on")]).await;
        shows(&html(refused, 422), &["Not disabled"]);
        let change = serde_json::json!({"is_active": false, "force": true});
        let refused = root.patch(&format!("/api/admin/users/{id}"), change).send().await.expect(409);
        assert_eq!(refused.problem_code(), "own_account");
        open(&root, "/admin/people").await;
    }

    async fn forms_without_a_session_refuse_another_site_too(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let form = serde_json::json!({"token": "tnti_x"});
        let call = setup.anonymous().raw("POST", "/invitations/accept/preview").form(&form);
        html(call.header("Sec-Fetch-Site", "cross-site").send().await, 403);
        let call = setup.anonymous().raw("POST", "/invitations/accept/preview").form(&form);
        html(call.header("Origin", "null").send().await, 403);
    }

    async fn pages_let_browsers_send_the_origin_of_their_own_forms(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let page = setup.anonymous().get("/login").send().await.expect(200);
        assert_eq!(page.header("referrer-policy"), Some("same-origin"));
        let api = setup.anonymous().get("/api/auth/me").send().await.expect(401);
        assert_eq!(api.header("referrer-policy"), Some("no-referrer"));
    }
}
