//! What the application's role may do with every table, view and function, tried statement by
//! statement, and compared with a reviewed list.

use sea_orm_migration::sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection,
};
use serde_json::Value;
use tenantry_testkit::{Backend, TestDatabase};

/// The letters are of SELECT, INSERT, UPDATE, DELETE and (X) EXECUTE. Everything else is denied for all.
///
/// - Views are read, never written: a write through one has the rights of its owner.
/// - The log of events gets entries, and loses them by `prune_event_log` only; `redact_event_log` takes names out
///   of them.
/// - Only the owner changes what is known of migrations.
const REVIEWED: &str = "
account_last_use S
account_links SIUD
active_memberships S
active_organizations S
active_owners S
active_users S
api_tokens SIUD
departed_users SIUD
event_deliveries SIUD
event_log SI
event_streams SIUD
former_members SIUD
held_tokens S
invitation_states S
invitations SIUD
jobs SIUD
known_memberships S
live_sessions S
live_tokens S
member_counts S
member_profiles S
migration_compatibility S
navigation_entries S
open_invitations S
organization_members SIUD
organizations SIUD
passkeys SIUD
pending_logins SIUD
personal_events S
project_usage S
projects SIUD
recovery_codes SIUD
retired_slugs SIUD
seaql_migrations S
second_factor_users S
sent_invitations S
sessions SIUD
totp_factors SIUD
used_passkey_challenges SIUD
user_profiles S
users SIUD
verified_users S
prune_event_log(text,timestamp with time zone,bigint) X
redact_event_log(uuid,bigint,bigint) X
";

fn statements(table: &str, column: &str) -> [(char, String); 13] {
    [
        ('S', format!("SELECT * FROM {table} LIMIT 0")),
        (
            'I',
            format!("INSERT INTO {table} ({column}) SELECT {column} FROM {table} LIMIT 0"),
        ),
        (
            'U',
            format!("UPDATE {table} SET {column} = {column} WHERE false"),
        ),
        ('D', format!("DELETE FROM {table} WHERE false")),
        ('t', format!("TRUNCATE {table}")),
        (
            'a',
            format!("ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT NULL"),
        ),
        ('n', format!("ALTER TABLE {table} RENAME TO renamed")),
        ('d', format!("DROP TABLE {table} CASCADE")),
        ('v', format!("DROP VIEW {table} CASCADE")),
        ('i', format!("CREATE INDEX ON {table} ({column})")),
        (
            'r',
            format!("CREATE RULE nothing AS ON INSERT TO {table} DO INSTEAD NOTHING"),
        ),
        (
            'p',
            format!("CREATE POLICY everything ON {table} USING (true)"),
        ),
        ('o', format!("ALTER TABLE {table} OWNER TO CURRENT_USER")),
    ]
}

async fn application(database: &TestDatabase) -> DatabaseConnection {
    let mut options = ConnectOptions::new(database.url());
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.expect("connected")
}

/// Whether the statement is allowed; it is rolled back.
async fn is_allowed(application: &DatabaseConnection, statement: &str) -> bool {
    let tried = application
        .execute_unprepared(&format!("BEGIN; {statement}"))
        .await;
    application
        .execute_unprepared("ROLLBACK")
        .await
        .expect("rolled back");
    match tried.map_err(|error| error.to_string()) {
        Ok(_) => true,
        Err(error) if error.contains("permission denied") || error.contains("must be ") => false,
        // Not this kind of object, which Postgres says before it looks at the rights.
        Err(error) if error.contains("is not a") || error.contains("cannot") => false,
        Err(error) => panic!("{statement}: {error}"),
    }
}

fn text<'r>(row: &'r Value, column: &str) -> &'r str {
    row[column].as_str().expect("text")
}

/// What the role may do, one object a line.
async fn rights(database: &TestDatabase) -> String {
    const TABLES: &str = "
        SELECT c.relname::text AS name, (SELECT a.attname::text FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum > 0 ORDER BY a.attnum LIMIT 1) AS col
        FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
          AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') ORDER BY c.relname COLLATE \"C\"";
    const FUNCTIONS: &str = "
        SELECT p.oid::regprocedure::text AS name,
               has_function_privilege('tenantry_app', p.oid, 'EXECUTE') AS may
        FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace ORDER BY 1";
    let application = application(database).await;
    let mut rights = String::from("\n");
    for row in database.query(TABLES).await {
        let (table, column) = (text(&row, "name"), text(&row, "col"));
        let mut allowed = String::new();
        for (letter, statement) in statements(table, column) {
            if is_allowed(&application, &statement).await {
                allowed.push(letter);
            }
        }
        rights.push_str(&format!("{table} {allowed}\n"));
    }
    for row in database.query(FUNCTIONS).await {
        let name = text(&row, "name");
        let drop = format!("DROP FUNCTION {name} CASCADE");
        assert!(!is_allowed(&application, &drop).await, "{name}");
        let allowed = if row["may"] == true { "X" } else { "" };
        rights.push_str(&format!("{name} {allowed}\n"));
    }
    application.close().await.expect("closed");
    rights
}

#[tokio::test]
async fn the_application_may_do_what_was_reviewed_and_nothing_else() {
    let database = TestDatabase::new(Backend::Postgres).await;
    assert_eq!(rights(&database).await, REVIEWED);
}

#[tokio::test]
async fn what_was_granted_before_is_taken_back() {
    let database = TestDatabase::new(Backend::Postgres).await;
    database
        .execute(
            "GRANT ALL ON ALL TABLES IN SCHEMA public TO tenantry_app, PUBLIC;
             GRANT ALL ON ALL FUNCTIONS IN SCHEMA public TO PUBLIC;
             GRANT ALL ON SCHEMA public TO tenantry_app, PUBLIC;
             DO $$ BEGIN
               EXECUTE format('GRANT ALL ON DATABASE %I TO tenantry_app, PUBLIC', current_database());
             END $$",
        )
        .await;
    let granted = tenantry_migrations::grant(database.owner_url(), "tenantry_app").await;
    let taken_back = granted.expect("the owner may");
    for right in [
        "TRUNCATE on projects",
        "CREATE on the schema public",
        "TEMPORARY on the database",
    ] {
        assert!(
            taken_back.iter().any(|taken| taken == right),
            "{taken_back:?}"
        );
    }
    let again = tenantry_migrations::grant(database.owner_url(), "tenantry_app").await;
    assert_eq!(again.expect("the owner may"), [""; 0]);
    assert_eq!(rights(&database).await, REVIEWED);
    let others = "SELECT count(*) AS n FROM (
        SELECT relacl AS acl FROM pg_class WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT coalesce(proacl, acldefault('f', proowner)) FROM pg_proc
          WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT nspacl FROM pg_namespace WHERE nspname = 'public'
        UNION ALL SELECT coalesce(datacl, acldefault('d', datdba)) FROM pg_database
          WHERE datname = current_database()
      ) all_of_them, aclexplode(acl) AS granted WHERE granted.grantee = 0";
    assert_eq!(database.number(others).await, 0, "PUBLIC has rights");
    let application = application(&database).await;
    for statement in [
        "CREATE TABLE public.own (id int)",
        "CREATE TEMPORARY TABLE own (id int)",
        "CREATE SCHEMA own",
        "CREATE FUNCTION public.own() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE ROLE own",
        "SET ROLE tenantry_owner",
        "ALTER DEFAULT PRIVILEGES FOR ROLE tenantry_owner GRANT ALL ON TABLES TO PUBLIC",
    ] {
        assert!(!is_allowed(&application, statement).await, "{statement}");
    }
}

#[tokio::test]
async fn views_and_functions_of_the_owner_that_are_not_published_are_taken_back() {
    let database = TestDatabase::new(Backend::Postgres).await;
    database
        .execute(
            "CREATE VIEW everything AS SELECT * FROM projects;
             ALTER VIEW everything OWNER TO tenantry_owner;
             GRANT SELECT ON everything TO tenantry_app, PUBLIC;
             CREATE VIEW of_reader WITH (security_invoker = true) AS SELECT * FROM projects;
             ALTER VIEW of_reader OWNER TO tenantry_owner;
             CREATE FUNCTION all_of_it() RETURNS SETOF projects LANGUAGE sql SECURITY DEFINER
               AS 'SELECT * FROM projects';
             ALTER FUNCTION all_of_it OWNER TO tenantry_owner",
        )
        .await;
    let granted = tenantry_migrations::grant(database.owner_url(), "tenantry_app").await;
    let taken_back = granted.expect("the owner may");
    for right in [
        "every right to the view everything",
        "every right to the function all_of_it()",
    ] {
        assert!(
            taken_back.iter().any(|taken| taken == right),
            "{taken_back:?}"
        );
    }
    let application = application(&database).await;
    for statement in ["SELECT * FROM everything", "SELECT * FROM all_of_it()"] {
        assert!(!is_allowed(&application, statement).await, "{statement}");
    }
    assert!(is_allowed(&application, "SELECT * FROM of_reader").await);
}

#[tokio::test]
async fn default_privileges_of_the_owner_are_found_and_taken_back() {
    let database = TestDatabase::new(Backend::Postgres).await;
    database
        .execute(
            "ALTER DEFAULT PRIVILEGES FOR ROLE tenantry_owner IN SCHEMA public
               GRANT ALL ON TABLES TO tenantry_app;
             ALTER DEFAULT PRIVILEGES FOR ROLE tenantry_owner GRANT USAGE ON SEQUENCES TO PUBLIC;
             ALTER DEFAULT PRIVILEGES FOR ROLE tenantry_owner IN SCHEMA public
               GRANT EXECUTE ON FUNCTIONS TO PUBLIC",
        )
        .await;
    let expected = [
        "by default DELETE on later tables of tenantry_owner",
        "by default EXECUTE on later functions of tenantry_owner",
        "by default USAGE on later sequences of tenantry_owner",
    ];
    let found = tenantry_migrations::excess_rights(database.url()).await;
    let found = found.expect("readable");
    let granted = tenantry_migrations::grant(database.owner_url(), "tenantry_app").await;
    let taken_back = granted.expect("the owner may");
    for right in expected {
        assert!(found.iter().any(|excess| excess == right), "{found:?}");
        assert!(
            taken_back.iter().any(|taken| taken == right),
            "{taken_back:?}"
        );
    }
    let left = tenantry_migrations::excess_rights(database.url()).await;
    assert_eq!(left.expect("readable"), [""; 0]);
    assert_eq!(database.number(DEFAULTS).await, 0);
}

#[tokio::test]
async fn functions_that_make_large_objects_are_found_and_a_superuser_takes_them_back() {
    let database = TestDatabase::new(Backend::Postgres).await;
    database
        .execute("GRANT EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid) TO PUBLIC")
        .await;
    let expected = [
        "EXECUTE on lo_creat(integer), which makes large objects",
        "EXECUTE on lo_create(oid), which makes large objects",
    ];
    let found = async || {
        let found = tenantry_migrations::excess_rights(database.url()).await;
        found.expect("readable")
    };
    assert_eq!(found().await, expected);
    let grant = async |url| tenantry_migrations::grant(url, "tenantry_app").await;
    let by_owner = grant(database.owner_url()).await.expect("the owner may");
    assert_eq!(by_owner, [""; 0], "functions of the server are not its own");
    assert_eq!(found().await, expected);
    let by_superuser = grant(database.superuser_url()).await;
    assert_eq!(by_superuser.expect("a superuser may"), expected);
    let application = application(&database).await;
    assert!(!is_allowed(&application, "SELECT lo_create(0)").await);
}

const DEFAULTS: &str = "SELECT count(*) AS n FROM pg_default_acl
    WHERE defaclrole = 'tenantry_owner'::regrole";

/// Objects of later migrations are of no other role before they are granted.
#[tokio::test]
async fn no_default_privilege_of_the_owner_gives_more() {
    let database = TestDatabase::new(Backend::Postgres).await;
    assert_eq!(database.number(DEFAULTS).await, 0);
}
