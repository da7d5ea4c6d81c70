//! A dedicated deployment.

use serde_json::json;
use tenantry_core::value::Name;
use tenantry_organizations::NewOrganization;
use tenantry_testkit::{ApiClient, TestDatabase, each_database};
use tenantry_users::{Email, NewAccount, OperatorFlags, Password};

use super::support::{PASSWORD, RANDOM_ID, Setup, assert_same, items, text};

/// A server dedicated to the organization `acme`, which does not exist yet.
async fn dedicated(db: TestDatabase) -> Setup {
    let variables = [
        ("DEPLOYMENT_MODE", "dedicated"),
        ("DEDICATED_ORG_SLUG", "acme"),
    ];
    Setup::with_env(db, &variables).await
}

/// Creates an organization as an operator does, owned by Olga.
async fn make(setup: &Setup, slug: &str) {
    let app = &setup.server.app;
    let email: Email = "olga@example.com".parse().expect("valid");
    let olga = app.users.find_by_email(&email).await.expect("found");
    let owner = match olga {
        Some(olga) => olga.id,
        None => {
            let account = NewAccount {
                email,
                name: "Olga".parse().expect("valid"),
                password: PASSWORD.parse::<Password>().expect("valid"),
            };
            let actor = tenantry_core::access::Actor::system();
            let made = app
                .users
                .create(account, OperatorFlags::default(), actor)
                .await;
            made.expect("created").id
        }
    };
    let name: Name = slug.parse().expect("valid");
    let slug = Some(slug.parse().expect("valid"));
    let made = app
        .organizations
        .directory
        .create_for(owner, NewOrganization { name, slug });
    made.await.expect("created");
}

async fn readiness(client: &ApiClient) -> u16 {
    client.get("/health/ready").send().await.status
}

/// Waits until the readiness is this status: a success is reused for a second.
async fn becomes(client: &ApiClient, status: u16) {
    while readiness(client).await != status {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

each_database! {
    async fn it_is_ready_while_its_organization_exists_and_is_enabled(db: TestDatabase) {
        let setup = dedicated(db).await;
        let anonymous = setup.anonymous();
        let missing = anonymous.get("/health/ready").send().await.expect(503);
        assert_eq!(missing.problem_code(), "not_ready");
        make(&setup, "another").await;
        assert_eq!(readiness(&anonymous).await, 503);
        make(&setup, "acme").await;
        assert_eq!(readiness(&anonymous).await, 200);
        setup.set_active("acme", false).await;
        becomes(&anonymous, 503).await;
        setup.set_active("acme", true).await;
        assert_eq!(readiness(&anonymous).await, 200);
    }

    async fn a_new_user_joins_as_a_member(db: TestDatabase) {
        let setup = dedicated(db).await;
        make(&setup, "acme").await;
        let ada = setup.user("ada").await;
        let me = ada.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!(me["memberships"][0]["role"], "member");
        assert_eq!(me["memberships"][0]["organization"]["slug"], "acme");
        assert_eq!(me["current_organization"]["slug"], "acme");
        let deployment = json!({"mode": "dedicated", "multi_org_enabled": false});
        assert_eq!(me["deployment"], deployment);

        ada.post("/api/projects", json!({"name": "Rocket"})).send().await.expect(201);
        let projects = ada.get("/api/projects").send().await.expect(200);
        assert_eq!(items(&projects, "name"), ["Rocket"]);
        let acme = text(&me["current_organization"]["id"]);
        let path = format!("/api/organizations/{acme}");
        ada.patch(&path, json!({"name": "Mine"})).send().await.expect(403);
        // A login does not join again.
        setup.login("ada").await;
        let members = ada.get(&format!("{path}/members")).send().await.expect(200);
        assert_eq!(items(&members, "user_email"), ["ada@example.com", "olga@example.com"]);
    }

    async fn users_cannot_create_organizations(db: TestDatabase) {
        let setup = dedicated(db).await;
        make(&setup, "acme").await;
        let ada = setup.user("ada").await;
        let olga = setup.login("olga").await;
        let before = setup.tables().await;
        for client in [ada, olga] {
            let new = json!({"name": "Beta"});
            let answer = client.post("/api/organizations", new).send().await.expect(403);
            assert_eq!(answer.problem_code(), "organization_creation_disabled");
        }
        setup.assert_unchanged(&before).await;
    }

    async fn the_header_may_only_name_the_dedicated_organization(db: TestDatabase) {
        let setup = dedicated(db).await;
        make(&setup, "acme").await;
        make(&setup, "another").await;
        let olga = setup.login("olga").await;
        let ask = |slug: &str| olga.get("/api/organizations/current").organization(slug).send();

        let absent = olga.get("/api/organizations/current").send().await.expect(200);
        assert_eq!(absent.json()["slug"], "acme");
        assert_same(&ask("acme").await, &absent);
        let before = setup.tables().await;
        // Olga is a member there.
        let other = ask("another").await.expect(404);
        assert_eq!(other.problem_code(), "organization_not_found");
        assert_same(&ask("unknown").await, &other);
        for bad in ["", "ACME", "a"] {
            let answer = ask(bad).await.expect(400);
            assert_eq!(answer.problem_code(), "invalid_organization_header");
        }
        let twice = olga.get("/api/projects").organization("acme").organization("acme");
        twice.send().await.expect(400);
        let write = olga.post("/api/projects", json!({"name": "Rocket"}));
        write.organization("another").send().await.expect(404);
        setup.assert_unchanged(&before).await;
    }

    async fn other_organizations_are_hidden(db: TestDatabase) {
        let setup = dedicated(db).await;
        make(&setup, "another").await;
        make(&setup, "acme").await;
        let olga = setup.login("olga").await;
        let own = olga.get("/api/organizations").send().await.expect(200);
        assert_eq!(items(&own, "slug"), ["acme"]);
        let me = olga.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!(me["memberships"].as_array().map(Vec::len), Some(1));
        assert_eq!(me["current_organization"]["slug"], "acme");
        let current = olga.get("/api/organizations/current").send().await.expect(200);
        assert_eq!(current.json()["slug"], "acme", "the other one is older");

        let slug = "another".parse().expect("valid");
        let another = setup.server.app.organizations.directory.find_by_slug(&slug).await;
        let another = another.expect("found").expect("there").id.to_string();
        for path in ["", "/members"] {
            let ask = |id: &str| olga.get(&format!("/api/organizations/{id}{path}")).send();
            assert_same(&ask(&another).await, &ask(RANDOM_ID).await.expect(404));
        }
        let path = format!("/api/organizations/{another}/switch");
        olga.raw("POST", &path).send().await.expect(404);
    }

    async fn a_removed_member_does_not_rejoin(db: TestDatabase) {
        let setup = dedicated(db).await;
        make(&setup, "acme").await;
        let ada = setup.user("ada").await;
        ada.get("/api/projects").send().await.expect(200);
        setup.remove("acme", "ada").await;

        for client in [ada, setup.login("ada").await] {
            let before = setup.tables().await;
            for header in [None, Some("acme")] {
                let mut call = client.get("/api/projects");
                if let Some(slug) = header {
                    call = call.organization(slug);
                }
                let answer = call.send().await.expect(404);
                assert_eq!(answer.problem_code(), "organization_not_found");
            }
            let me = client.get("/api/auth/me").send().await.expect(200).json();
            assert_eq!(me["memberships"], json!([]));
            assert_eq!(me["current_organization"], json!(null));
            setup.assert_unchanged(&before).await;
        }
    }

    async fn while_its_organization_is_disabled_members_have_no_access(db: TestDatabase) {
        let setup = dedicated(db).await;
        make(&setup, "acme").await;
        let ada = setup.user("ada").await;
        setup.set_active("acme", false).await;
        ada.get("/api/projects").send().await.expect(404);
        let me = ada.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!(me["current_organization"], json!(null));
        let own = ada.get("/api/organizations").send().await.expect(200);
        assert!(items(&own, "slug").is_empty());
        setup.set_active("acme", true).await;
        ada.get("/api/projects").send().await.expect(200);
    }

    async fn a_new_user_joins_with_the_configured_role(db: TestDatabase) {
        let variables = [
            ("DEPLOYMENT_MODE", "dedicated"),
            ("DEDICATED_ORG_SLUG", "acme"),
            ("TENANTRY__DEDICATED__JOIN_ROLE", "viewer"),
        ];
        let setup = Setup::with_env(db, &variables).await;
        // Before the organization is created, and after.
        let early = setup.user("early").await;
        make(&setup, "acme").await;
        for client in [early, setup.user("ada").await] {
            let me = client.get("/api/auth/me").send().await.expect(200).json();
            assert_eq!(me["memberships"][0]["role"], "viewer");
            let new = json!({"name": "Rocket"});
            client.post("/api/projects", new).send().await.expect(403);
        }
        let olga = setup.login("olga").await;
        let me = olga.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!(me["memberships"][0]["role"], "owner");
    }

    async fn reports_are_not_found(db: TestDatabase) {
        let setup = dedicated(db).await;
        make(&setup, "acme").await;
        let root = setup.user("root").await;
        let sql = "UPDATE users SET is_superuser = TRUE WHERE email = 'root@example.com'";
        setup.database.execute(sql).await;
        let nothing = root.get("/api/reports/nothing").send().await.expect(404);
        assert_same(&root.get("/api/reports/organizations").send().await, &nothing);
        // The other operator routes exist.
        root.get("/api/admin/organizations").send().await.expect(200);
    }

    async fn while_its_organization_is_deleted_it_is_not_ready_and_adds_no_members(db: TestDatabase) {
        let setup = dedicated(db).await;
        make(&setup, "acme").await;
        let organizations = &setup.server.app.organizations;
        let slug = "acme".parse().expect("valid");
        let acme = organizations.directory.find_by_slug(&slug).await.expect("found").expect("there").id;
        let actor = tenantry_core::access::Actor::system();
        organizations.deletion.mark_for_deletion_as(acme, actor).await.expect("marked for deletion");
        assert_eq!(readiness(&setup.anonymous()).await, 503);
        let late = setup.user("late").await;
        late.get("/api/projects").send().await.expect(404);
    }
}
