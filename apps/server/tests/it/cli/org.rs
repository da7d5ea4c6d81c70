//! `org`.

use tenantry_testkit::each_database;

use crate::support::Program;

const ADA: &[&str] = &[
    "user",
    "create",
    "--email",
    "ada@example.com",
    "--name",
    "Ada",
];
const CREATE: &[&str] = &[
    "org",
    "create",
    "--name",
    "Acme Inc",
    "--owner-email",
    "ada@example.com",
];

each_database! {
    async fn an_organization_is_created_listed_and_shown(database: TestDatabase) {
        let program = Program::on(&database);
        program.run(ADA).expect(0);
        let made = program.run(&[CREATE, &["--json"]].concat()).expect(0).json();
        assert_eq!(made["slug"], "acme-inc");
        program.run(&[CREATE, &["--slug", "other"]].concat()).expect(0);

        let listed = program.run(&["org", "list", "--json"]).expect(0).json();
        assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed}");
        let text = program.run(&["org", "list"]).expect(0).stdout;
        assert!(text.contains("acme-inc  Acme Inc  active"), "{text}");

        let shown = program.run(&["org", "show", "acme-inc", "--json"]).expect(0).json();
        assert_eq!(shown["organization"]["id"], made["id"]);
        assert_eq!(shown["members"][0]["user_email"], "ada@example.com");
        assert_eq!(shown["members"][0]["role"], "owner");
        let text = program.run(&["org", "show", "acme-inc"]).expect(0).stdout;
        assert!(text.contains("ada@example.com  Ada   owner"), "{text}");
    }

    async fn an_unknown_owner_and_a_taken_slug_are_rejected(database: TestDatabase) {
        let program = Program::on(&database);
        let refused = program.run(CREATE).expect(1);
        assert!(refused.stderr.contains("tenantry user create"), "{refused:?}");

        program.run(ADA).expect(0);
        let create = [CREATE, &["--slug", "acme"]].concat();
        program.run(&create).expect(0);
        let refused = program.run(&create).expect(1);
        assert!(refused.stderr.contains("slug"), "{refused:?}");
        let refused = program.run(&["org", "show", "unknown"]).expect(1);
        assert!(refused.stderr.contains("no organization unknown"), "{refused:?}");
    }

    async fn in_dedicated_mode_the_slug_is_the_configured_one(database: TestDatabase) {
        let program = Program::on(&database)
            .with("DEPLOYMENT_MODE", "dedicated")
            .with("DEDICATED_ORG_SLUG", "the-one");
        program.run(ADA).expect(0);
        program.run(&[CREATE, &["--slug", "another"]].concat()).expect(2);
        let made = program.run(&[CREATE, &["--json"]].concat()).expect(0).json();
        assert_eq!(made["slug"], "the-one");
    }

    async fn members_are_listed_and_change_by_the_rules_of_the_api(database: TestDatabase) {
        let program = Program::on(&database);
        program.run(ADA).expect(0);
        let bob = ["user", "create", "--email", "bob@example.com", "--name", "Bob"];
        program.run(&bob).expect(0);
        program.run(&[CREATE, &["--slug", "acme"]].concat()).expect(0);
        program.run(&["org", "create", "--name", "Bobs", "--owner-email", "bob@example.com"]).expect(0);
        let members = program.run(&["org", "members", "acme", "--json"]).expect(0).json();
        assert_eq!((&members[0]["user_email"], &members[0]["role"]), (&"ada@example.com".into(), &"owner".into()));
        let text = program.run(&["org", "members", "acme"]).expect(0).stdout;
        assert!(text.contains("ada@example.com  Ada   owner"), "{text}");

        let set_role = |email: &str, role: &str| {
            program.run(&["org", "set-role", "acme", "--email", email, "--role", role])
        };
        let refused = set_role("ada@example.com", "admin").expect(1);
        assert!(refused.stderr.contains("active owner"), "{refused:?}");
        let refused = set_role("bob@example.com", "admin").expect(1);
        assert!(refused.stderr.contains("no such member"), "{refused:?}");
        let refused = set_role("eve@example.com", "admin").expect(1);
        assert!(refused.stderr.contains("no account"), "{refused:?}");
        set_role("ada@example.com", "king").expect(2);

        let join = "INSERT INTO organization_members (organization_id, id, user_id, role, joined_at)
                    SELECT o.id, o.id, u.id, 'viewer', o.created_at FROM organizations o, users u
                    WHERE o.slug = 'acme' AND u.name = 'Bob'";
        assert_eq!(database.execute(join).await, 1);
        let changed = set_role("bob@example.com", "admin").expect(0).stdout;
        assert!(changed.contains("bob@example.com  Bob   admin"), "{changed}");

        let transfer = ["org", "transfer", "acme", "--to", "bob@example.com"];
        let owner = program.run(&[&transfer[..], &["--json"]].concat()).expect(0).json();
        assert_eq!((&owner["user_email"], &owner["role"]), (&"bob@example.com".into(), &"owner".into()));
        let text = program.run(&["org", "members", "acme"]).expect(0).stdout;
        assert!(text.contains("ada@example.com  Ada   admin"), "{text}");
        set_role("ada@example.com", "owner").expect(0);
        let unclear = program.run(&["org", "transfer", "acme", "--to", "ada@example.com"]).expect(1);
        assert!(unclear.stderr.contains("several owners"), "{unclear:?}");
        let from = ["org", "transfer", "acme", "--to", "ada@example.com", "--from", "bob@example.com"];
        program.run(&from).expect(0);
        program.run(&["org", "transfer", "unknown", "--to", "ada@example.com"]).expect(1);
    }

    async fn an_organization_without_an_active_owner_gets_one(database: TestDatabase) {
        let program = Program::on(&database);
        program.run(ADA).expect(0);
        let bob = ["user", "create", "--email", "bob@example.com", "--name", "Bob"];
        program.run(&bob).expect(0);
        program.run(CREATE).expect(0);
        let give = ["org", "set-owner", "acme-inc", "--email", "bob@example.com"];
        let refused = program.run(&give).expect(1);
        assert!(refused.stderr.contains("no such member"), "{refused:?}");
        let join = format!(
            "INSERT INTO organization_members (organization_id, id, user_id, role, joined_at)
             SELECT m.organization_id, u.id, u.id, 'viewer', m.joined_at
             FROM organization_members m, users u WHERE u.email = '{}'", bob[3]);
        assert_eq!(database.execute(&join).await, 1);
        let refused = program.run(&give).expect(1);
        assert!(refused.stderr.contains("has an active owner"), "{refused:?}");
        program.run(&["user", "disable", "ada@example.com", "--yes", "--force"]).expect(0);
        let given = program.run(&[&give[..], &["--json"]].concat()).expect(0).json();
        assert_eq!(given["owner_email"], "bob@example.com");
        let members = program.run(&["org", "members", "acme-inc"]).expect(0).stdout;
        let bob = members.lines().find(|line| line.starts_with("bob@")).expect("a line");
        assert!(bob.contains("owner"), "{members}");
        program.run(&["org", "set-owner", "other", "--email", "bob@example.com"]).expect(1);
    }
}
