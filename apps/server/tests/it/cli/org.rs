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
    async fn an_organization_is_made_listed_and_shown(database: TestDatabase) {
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

    async fn an_owner_who_is_unknown_and_a_slug_that_is_taken_are_refused(database: TestDatabase) {
        let program = Program::on(&database);
        let refused = program.run(CREATE).expect(1);
        assert!(refused.stderr.contains("tenantry user create"), "{refused:?}");

        program.run(ADA).expect(0);
        let create = [CREATE, &["--slug", "acme"]].concat();
        program.run(&create).expect(0);
        let refused = program.run(&create).expect(1);
        assert!(refused.stderr.contains("slug"), "{refused:?}");
        let refused = program.run(&["org", "show", "nobody"]).expect(1);
        assert!(refused.stderr.contains("no organization nobody"), "{refused:?}");
    }

    async fn in_dedicated_mode_the_slug_is_the_deployments(database: TestDatabase) {
        let program = Program::on(&database)
            .with("DEPLOYMENT_MODE", "dedicated")
            .with("DEDICATED_ORG_SLUG", "the-one");
        program.run(ADA).expect(0);
        program.run(&[CREATE, &["--slug", "another"]].concat()).expect(2);
        let made = program.run(&[CREATE, &["--json"]].concat()).expect(0).json();
        assert_eq!(made["slug"], "the-one");
    }
}
