//! Settings: layers, mistakes, secrets.

mod grammars;

use tenantry::settings::{SettingErrors, SettingSources, Settings};
use tenantry_core::{db::Backend, deployment::Deployment};

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn problems(outcome: Result<Settings, SettingErrors>) -> Vec<String> {
    let mistakes = outcome.expect_err("invalid settings");
    mistakes.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn assert_one(outcome: Result<Settings, SettingErrors>, starts: &str) -> String {
    let found = problems(outcome);
    let [one] = &found[..] else {
        panic!("not one mistake: {found:#?}");
    };
    assert!(one.starts_with(starts), "{one}");
    one.clone()
}

#[test]
fn no_setting_is_required() {
    let settings = Settings::parse(&SettingSources::environment([])).expect("valid");
    assert_eq!(settings.database.url.backend(), Backend::Sqlite);
    assert!(settings.database.migrate_on_start);
    assert_eq!(settings.deployment, Deployment::Saas);
    assert_eq!(settings.server.port, 8080);
    assert_eq!(settings.limits.body_bytes, 65_536);
}

#[test]
fn no_wait_of_the_database_is_longer_than_a_request() {
    let waits = |seconds: &str| {
        let short = ("TENANTRY__LIMITS__REQUEST_SECONDS", seconds);
        let settings = Settings::parse(&SettingSources::environment([short]));
        let waits = settings.expect("valid").waits();
        [waits.lock, waits.statement, waits.idle_transaction].map(|wait| wait.as_secs())
    };
    assert_eq!(waits("15"), [3, 10, 2]);
    assert_eq!(waits("5"), [3, 5, 2]);
    assert_eq!(waits("1"), [1, 1, 1]);
}

#[test]
fn all_errors_are_reported_together() {
    let found = problems(Settings::parse(&SettingSources::environment([
        ("DATABASE_URL", "mysql://localhost/x"),
        ("DEPLOYMENT_MODE", "dedicated"),
        ("TENANTRY__SERVER__HOST", "everywhere"),
        ("TENANTRY__SERVER__PORT", "80800"),
        ("TENANTRY__SERVER__PUBLIC_URL", "example.com"),
        ("TENANTRY__SERVER__WORKERS", "0"),
        ("TENANTRY__SESSION__SECRET", "short"),
        ("TENANTRY__SESSION__IDLE_DAYS", "a week"),
        ("TENANTRY__DATABASE__MIGRATE_ON_START", "yes"),
        ("TENANTRY__AUTH__SIGNUP", "closed"),
        ("TENANTRY__LIMITS__BODY_BYTES", "64k"),
        ("TENANTRY__LOG__FORMAT", "xml"),
        ("RUST_LOG", "tenantry=loud"),
        ("TENANTRY__DEDICATED__JOIN_ROLE", "admin"),
        ("TENANTRY__ORGANIZATIONS__SLUG_QUARANTINE_DAYS", "-1"),
        ("TENANTRY__ORGANIZATIONS__OWNED_PER_PERSON", "few"),
        ("TENANTRY__EVENTS__NATS_URL", "http://localhost"),
        ("TENANTRY__EVENTS__NATS_STREAM", "a.b"),
        ("TENANTRY__EVENTS__NATS_PREFIX", "*"),
        ("TENANTRY__METRICS__HOST", "everywhere"),
        ("TENANTRY__METRICS__PORT", "-1"),
        ("TENANTRY__OTEL__ENDPOINT", "https://collector?key=1"),
        ("TENANTRY__SERVER__PROT", "1"),
    ])));
    for name in [
        "DATABASE_URL",
        "DEDICATED_ORG_SLUG",
        "TENANTRY__SERVER__HOST",
        "TENANTRY__SERVER__PORT",
        "TENANTRY__SERVER__PUBLIC_URL",
        "TENANTRY__SERVER__WORKERS",
        "TENANTRY__SESSION__SECRET",
        "TENANTRY__SESSION__IDLE_DAYS",
        "TENANTRY__DATABASE__MIGRATE_ON_START",
        "TENANTRY__AUTH__SIGNUP",
        "TENANTRY__LIMITS__BODY_BYTES",
        "TENANTRY__LOG__FORMAT",
        "RUST_LOG",
        "TENANTRY__DEDICATED__JOIN_ROLE",
        "TENANTRY__ORGANIZATIONS__SLUG_QUARANTINE_DAYS",
        "TENANTRY__ORGANIZATIONS__OWNED_PER_PERSON",
        "TENANTRY__EVENTS__NATS_URL",
        "TENANTRY__EVENTS__NATS_STREAM",
        "TENANTRY__EVENTS__NATS_PREFIX",
        "TENANTRY__METRICS__HOST",
        "TENANTRY__METRICS__PORT",
        "TENANTRY__OTEL__ENDPOINT",
        "TENANTRY__SERVER__PROT",
    ] {
        let of_name = found
            .iter()
            .filter(|one| one.starts_with(&format!("{name} ")));
        assert_eq!(of_name.count(), 1, "{name} in {found:#?}");
    }
    assert_eq!(found.len(), 23, "{found:#?}");
}

#[test]
fn an_unknown_sslmode_is_an_error() {
    let url = |mode| format!("postgres://a@localhost/b?sslmode={mode}");
    let parse = |url: &str| {
        Settings::parse(&SettingSources::environment([
            ("DATABASE_URL", url),
            ("TENANTRY__SESSION__SECRET", SECRET),
        ]))
    };
    parse(&url("verify-full")).expect("valid");
    let one = assert_one(parse(&url("verify-fully")), "DATABASE_URL ");
    assert!(one.contains("verify-full"), "{one}");
}

#[test]
fn an_error_states_expectation_value_and_source() {
    let mut inputs = SettingSources::environment([]);
    inputs.dotenv = Some("TENANTRY__SERVER__PORT=http".to_owned());
    let one = assert_one(Settings::parse(&inputs), "TENANTRY__SERVER__PORT must be");
    assert!(one.ends_with("0 to 65535; found \"http\" in .env"), "{one}");
}

#[test]
fn an_unknown_variable_is_an_error_with_a_suggestion() {
    let inputs = SettingSources::environment([("TENANTRY__SERVER__PROT", "1")]);
    let one = assert_one(Settings::parse(&inputs), "TENANTRY__SERVER__PROT is no");
    assert!(
        one.ends_with("did you mean TENANTRY__SERVER__PORT?"),
        "{one}"
    );

    for (name, meant) in [
        ("TENANTRY_SERVER__PORT", "TENANTRY__SERVER__PORT"),
        ("tenantry_server__port", "TENANTRY__SERVER__PORT"),
        (
            "TENANTRY_SESSION__SECRET_FILE",
            "TENANTRY__SESSION__SECRET_FILE",
        ),
    ] {
        let inputs = SettingSources::environment([(name, "1")]);
        let one = assert_one(Settings::parse(&inputs), &format!("{name} is no"));
        assert!(one.ends_with(&format!("did you mean {meant}?")), "{one}");
    }
    let of_others = SettingSources::environment([
        ("TENANTRY_RENEW", "1"),
        ("TENANTRY_TEST_SEED", "1"),
        // A service of Kubernetes with the name `tenantry-server` sets it.
        ("TENANTRY_SERVER_PORT", "tcp://10.0.0.1:80"),
    ]);
    Settings::parse(&of_others).expect("no settings");

    let lower = SettingSources::environment([("tenantry__server__port", "1")]);
    assert_one(Settings::parse(&lower), "tenantry__server__port is no");
}

#[test]
fn an_unknown_key_of_the_file_is_an_error() {
    let mut inputs = SettingSources::environment([]);
    inputs.file = Some("[server]\nport = 1\nprot = 2".to_owned());
    assert_one(Settings::parse(&inputs), "server.prot is no setting");
    inputs.file = Some("[server.port]\nnumber = 2".to_owned());
    assert_one(Settings::parse(&inputs), "server.port.number is no setting");
}

#[test]
fn unrelated_variables_are_ignored() {
    let inputs = SettingSources::environment([("HOME", "/nowhere"), ("TENANTRY_TEST", "1")]);
    assert!(Settings::parse(&inputs).is_ok());
}

#[test]
fn later_layers_take_precedence() {
    let mut inputs = SettingSources::environment([]);
    let port = |inputs: &SettingSources| Settings::parse(inputs).expect("valid").server.port;
    inputs.file = Some("[server]\nport = 1\n[deployment]\nmode = 'dedicated'".to_owned());
    inputs
        .environment
        .insert("DEDICATED_ORG_SLUG".into(), "acme".into());
    assert_eq!(port(&inputs), 1);
    inputs.dotenv = Some("# comment\nTENANTRY__SERVER__PORT='2'\n".to_owned());
    assert_eq!(port(&inputs), 2);
    inputs
        .environment
        .insert("TENANTRY__SERVER__PORT".into(), "3".into());
    assert_eq!(port(&inputs), 3);

    let mode = |inputs: &SettingSources| Settings::parse(inputs).expect("valid").deployment.mode();
    assert_eq!(mode(&inputs), "dedicated");
    inputs
        .environment
        .insert("DEPLOYMENT_MODE".into(), "saas".into());
    assert_eq!(mode(&inputs), "saas");
}

#[test]
fn an_empty_value_counts_as_not_set() {
    let mut inputs = SettingSources::environment([("TENANTRY__SERVER__PORT", "")]);
    inputs.dotenv = Some("TENANTRY__SERVER__PORT=2".to_owned());
    assert_eq!(Settings::parse(&inputs).expect("valid").server.port, 2);
}

#[test]
fn a_slug_of_digits_is_not_parsed_as_a_number() {
    let inputs = SettingSources::environment([
        ("DEPLOYMENT_MODE", "dedicated"),
        ("DEDICATED_ORG_SLUG", "007"),
    ]);
    let Deployment::Dedicated { organization } =
        Settings::parse(&inputs).expect("valid").deployment
    else {
        panic!("not dedicated");
    };
    assert_eq!(organization.as_str(), "007");
}

#[test]
fn a_malformed_file_is_an_error_that_quotes_nothing() {
    let mut inputs = SettingSources::environment([]);
    inputs.file = Some("[session]\nsecret = \"hunter2".to_owned());
    let one = assert_one(
        Settings::parse(&inputs),
        "tenantry.toml can't be understood",
    );
    assert!(one.contains("line 2") && !one.contains("hunter2"), "{one}");

    let mut inputs = SettingSources::environment([]);
    inputs.dotenv = Some("A=1\n\nhunter2 is the secret\nTENANTRY__SERVER__PORT=x".to_owned());
    let one = assert_one(Settings::parse(&inputs), ".env can't be understood");
    assert!(one.contains("line 3") && !one.contains("hunter2"), "{one}");
}

#[test]
fn postgres_needs_a_session_secret_of_64_bytes() {
    let url = ("DATABASE_URL", "postgres://app:hunter2@localhost/tenantry");
    let without = SettingSources::environment([url]);
    assert_one(
        Settings::parse(&without),
        "TENANTRY__SESSION__SECRET is required",
    );

    let short = SettingSources::environment([url, ("TENANTRY__SESSION__SECRET", &SECRET[1..])]);
    let one = assert_one(
        Settings::parse(&short),
        "TENANTRY__SESSION__SECRET must be 64",
    );
    assert!(
        one.ends_with("found 63") && !one.contains(&SECRET[1..]),
        "{one}"
    );

    let repeated = "z".repeat(64);
    let repeated = SettingSources::environment([url, ("TENANTRY__SESSION__SECRET", &repeated)]);
    let one = assert_one(
        Settings::parse(&repeated),
        "TENANTRY__SESSION__SECRET must be random",
    );
    assert!(!one.contains("zz"), "{one}");

    let good = SettingSources::environment([url, ("TENANTRY__SESSION__SECRET", SECRET)]);
    let settings = Settings::parse(&good).expect("valid");
    assert!(!settings.database.migrate_on_start);
}

#[test]
fn a_secret_comes_from_a_file_or_from_its_variable_but_not_from_both() {
    let mut inputs =
        SettingSources::environment([("TENANTRY__SESSION__SECRET_FILE", "/run/secret")]);
    inputs.read = |path| {
        assert_eq!(path.to_str(), Some("/run/secret"));
        Ok(format!("{SECRET}\n"))
    };
    let settings = Settings::parse(&inputs).expect("valid");
    let secret = settings.session.secret.expect("set");
    assert_eq!(secrecy::ExposeSecret::expose_secret(&secret), SECRET);

    inputs.dotenv = Some(format!("TENANTRY__SESSION__SECRET={SECRET}"));
    let one = assert_one(Settings::parse(&inputs), "TENANTRY__SESSION__SECRET and");
    assert!(one.contains("both set"), "{one}");

    let gone = SettingSources::environment([("DATABASE_URL_FILE", "/does/not/exist")]);
    assert_one(Settings::parse(&gone), "DATABASE_URL_FILE must name a file");
}

#[test]
fn no_secret_is_printed() {
    let inputs = SettingSources::environment([
        (
            "DATABASE_URL",
            "postgres://app@localhost/tenantry?password=hunter2",
        ),
        (
            "TENANTRY__DATABASE__MIGRATION_URL",
            "postgres://own:hunter2@localhost/tenantry",
        ),
        ("TENANTRY__SESSION__SECRET", SECRET),
    ]);
    let settings = Settings::parse(&inputs).expect("valid");
    let shown = format!("{settings:?} {}", settings.database.url);
    assert!(
        shown.contains("postgres://app@localhost/tenantry?password=***"),
        "{shown}"
    );
    assert!(
        !shown.contains("hunter2") && !shown.contains(SECRET),
        "{shown}"
    );

    let wrong = SettingSources::environment([
        ("DATABASE_URL", "postgres//app:hunter2@localhost"),
        ("TENANTRY__SESSION__SECRET", "hunter2"),
    ]);
    let found = problems(Settings::parse(&wrong));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(!found.concat().contains("hunter2"), "{found:#?}");
}

#[test]
fn an_in_memory_database_is_rejected() {
    for url in ["sqlite::memory:", "sqlite://x?mode=memory", "sqlite://"] {
        let inputs = SettingSources::environment([("DATABASE_URL", url)]);
        assert_one(Settings::parse(&inputs), "DATABASE_URL must");
    }
}

#[test]
fn migrations_go_to_the_same_database() {
    let inputs =
        SettingSources::environment([("TENANTRY__DATABASE__MIGRATION_URL", "postgres://h/db")]);
    assert_one(
        Settings::parse(&inputs),
        "TENANTRY__DATABASE__MIGRATION_URL must be",
    );
}

#[test]
fn the_idle_timeout_does_not_exceed_the_session_lifetime() {
    let inputs = SettingSources::environment([("TENANTRY__SESSION__IDLE_DAYS", "31")]);
    assert_one(
        Settings::parse(&inputs),
        "TENANTRY__SESSION__IDLE_DAYS must not",
    );
}

#[test]
fn a_value_that_is_not_text_is_an_error() {
    let inputs = SettingSources::environment([("DATABASE_URL", "sqlite://a\u{FFFD}b.db")]);
    assert_one(Settings::parse(&inputs), "DATABASE_URL must be text");
}

#[cfg(feature = "nats")]
#[test]
fn the_address_of_the_broker_is_a_secret_that_may_come_from_a_file() {
    let mut inputs = SettingSources::environment([("TENANTRY__EVENTS__NATS_URL_FILE", "/a/file")]);
    inputs.read = |_| Ok("nats://app:hunter2@broker:4222\n".to_owned());
    let settings = Settings::parse(&inputs).expect("valid");
    assert!(settings.events.nats.is_some());
    assert!(!format!("{settings:?}").contains("hunter2"));

    let url = "nats://app:hunter2@broker:4222";
    let inputs = SettingSources::environment([("TENANTRY__EVENTS__NATS_URL", url)]);
    let settings = Settings::parse(&inputs).expect("valid");
    let shown = settings.redacted().iter();
    let shown: Vec<_> = shown.filter_map(|it| it.value.as_deref()).collect();
    assert!(
        !shown.iter().any(|value| value.contains("hunter2")),
        "{shown:?}"
    );
}

#[cfg(feature = "otel")]
#[test]
fn a_trace_collector_is_a_plain_http_address() {
    let parse = |url| {
        Settings::parse(&SettingSources::environment([(
            "TENANTRY__OTEL__ENDPOINT",
            url,
        )]))
    };
    for url in [
        "http://collector:4318",
        "http://collector:4318/",
        "http://collector:4318/v1/traces",
        "http://collector:4318/v1/traces/",
    ] {
        let settings = parse(url).expect("valid");
        let collector = settings.otel.collector.expect("set");
        assert_eq!(collector.traces(), "http://collector:4318/v1/traces");
    }
    let behind = parse("http://proxy/otel").expect("valid").otel;
    let behind = behind.collector.expect("set").traces();
    assert_eq!(behind, "http://proxy/otel/v1/traces");
    for url in [
        "collector:4318",
        "https://collector:4318",
        "http://a:b@collector",
        "http://collector/?key=1",
        "http://collector:0",
    ] {
        assert_one(parse(url), "TENANTRY__OTEL__ENDPOINT must be http://");
    }
}
