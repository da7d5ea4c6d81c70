//! Values that could never work are mistakes, or are made canonical.

use super::*;

#[test]
fn origins_are_written_as_browsers_write_them() {
    let parse = |name, value| Settings::parse(&SettingSources::environment([(name, value)]));
    const CORS: &str = "TENANTRY__SERVER__CORS_ORIGINS";
    const PUBLIC: &str = "TENANTRY__SERVER__PUBLIC_URL";
    for (written, sent) in [
        ("https://app.example.com:443", "https://app.example.com"),
        ("http://app.example.com:80", "http://app.example.com"),
        ("https://app.example.com:80", "https://app.example.com:80"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://[::1]:80", "http://[::1]"),
    ] {
        let origins = parse(CORS, written).expect(written).server.cors_origins;
        assert_eq!(origins, sent.parse().expect("an origin"), "{written}");
        let url = parse(PUBLIC, written).expect(written).server.public_url;
        assert_eq!(url.expect("set").to_string(), sent);
    }
    for text in [
        "https://app.example.com:0",
        "https://app.example.com:",
        "https://127.1",
        "https://bücher.example",
        "https://[::0001]",
        "https://app.example.com/path",
        "https://app.example.com?",
    ] {
        assert_one(parse(CORS, text), &format!("{CORS} must"));
    }
    for text in ["https://app.example.com:0", "https://app.example.com/path"] {
        assert_one(parse(PUBLIC, text), &format!("{PUBLIC} must"));
    }
}

#[test]
fn a_variable_that_is_set_twice_is_an_error_that_names_the_lines() {
    let parse = |text: &str| {
        let mut inputs = SettingSources::environment([]);
        inputs.dotenv = Some(text.to_owned());
        Settings::parse(&inputs)
    };
    for text in [
        "TENANTRY__SERVER__PORT=1\n# why\nTENANTRY__SERVER__PORT=2",
        "TENANTRY__SERVER__PORT=1\r\n\r\nexport TENANTRY__SERVER__PORT = 2\r\n",
        "TENANTRY__SERVER__PORT=1\n\nTENANTRY__SERVER__PORT=1",
    ] {
        let one = assert_one(parse(text), "TENANTRY__SERVER__PORT is set more than once");
        assert!(one.contains("lines 1 and 3"), "{one}");
    }
    let of_another_program = "OTHER=1\nOTHER=2\nTENANTRY__SERVER__PORT=3";
    assert_eq!(parse(of_another_program).expect("valid").server.port, 3);
}

#[test]
fn a_value_that_refers_to_an_unset_variable_is_an_error() {
    let parse = |text: &str| {
        let mut inputs = SettingSources::environment([]);
        inputs.dotenv = Some(text.to_owned());
        Settings::parse(&inputs)
    };
    let secret = format!("{SECRET}$hunter2");
    for value in [
        secret.clone(),
        format!("\"$hunter2 {SECRET}\""),
        format!("{SECRET}${{hunter2}}"),
        format!("{SECRET}$"),
    ] {
        let text = format!("\nTENANTRY__SESSION__SECRET={value}");
        let one = assert_one(parse(&text), "TENANTRY__SESSION__SECRET refers to $");
        assert!(
            one.contains("line 2") && one.contains("single quotes"),
            "{one}"
        );
    }
    for value in [format!("'{secret}'"), format!("{SECRET}\\$hunter2")] {
        let settings = parse(&format!("TENANTRY__SESSION__SECRET={value}")).expect("valid");
        let found = settings.session.secret.expect("set");
        assert_eq!(secrecy::ExposeSecret::expose_secret(&found), secret);
    }
    let earlier = "WORD=saas\nDEPLOYMENT_MODE=$WORD # not $this";
    assert_eq!(parse(earlier).expect("valid").deployment, Deployment::Saas);
}

#[test]
fn a_byte_order_mark_belongs_to_no_value() {
    let mut inputs = SettingSources::environment([("TENANTRY__SESSION__SECRET_FILE", "/secret")]);
    inputs.file = Some("\u{FEFF}[server]\nport = 1".to_owned());
    inputs.dotenv =
        Some("\u{FEFF}DEPLOYMENT_MODE=dedicated\r\nDEDICATED_ORG_SLUG=acme\r\n".to_owned());
    inputs.read = |_| Ok(format!("\u{FEFF}{SECRET}\r\n"));
    let settings = Settings::parse(&inputs).expect("valid");
    assert_eq!(settings.server.port, 1);
    assert_eq!(settings.deployment.mode(), "dedicated");
    let secret = settings.session.secret.expect("set");
    assert_eq!(secrecy::ExposeSecret::expose_secret(&secret), SECRET);
}

#[test]
fn the_metrics_do_not_listen_on_the_port_of_the_server() {
    let parse = |host, port| {
        Settings::parse(&SettingSources::environment([
            ("TENANTRY__METRICS__HOST", host),
            ("TENANTRY__METRICS__PORT", port),
            ("TENANTRY__SERVER__PORT", "9464"),
        ]))
    };
    for host in ["127.0.0.1", "0.0.0.0"] {
        assert_one(parse(host, "9464"), "TENANTRY__METRICS__PORT must not be");
    }
    parse("127.0.0.2", "9464").expect("another address");
    parse("127.0.0.1", "0").expect("a free port");
}

#[test]
fn a_misspelt_level_is_no_target_of_the_log() {
    let parse = |filter| Settings::parse(&SettingSources::environment([("RUST_LOG", filter)]));
    for (filter, meant) in [
        ("warning", "warn"),
        ("debg", "debug"),
        ("Err", "error"),
        ("tenantry=debug,inf", "info"),
    ] {
        let one = assert_one(parse(filter), "RUST_LOG must be");
        assert!(one.contains(&format!("did you mean {meant}?")), "{one}");
    }
    for filter in [
        "INFO",
        "off",
        "info,tenantry_core=debug",
        "sqlx",
        "access",
        "warn,h2=off",
    ] {
        parse(filter).expect(filter);
    }
}

#[test]
fn a_network_of_mapped_addresses_is_one_of_ipv4() {
    let parse = |text: &str| text.parse::<tenantry_http::TrustedProxies>();
    assert_eq!(parse("::ffff:10.0.0.0/104"), parse("10.0.0.0/8"));
    assert_eq!(parse("::ffff:10.1.2.3"), parse("10.1.2.3"));
    assert_ne!(parse("fd00::/8"), parse("10.0.0.0/8"));
}

#[cfg(feature = "nats")]
#[test]
fn the_addresses_of_one_cluster_have_one_login() {
    let parse = |url| {
        Settings::parse(&SettingSources::environment([(
            "TENANTRY__EVENTS__NATS_URL",
            url,
        )]))
    };
    parse("nats://a:b@one:4222,nats://a:b@two,nats://three").expect("one login");
    let one = assert_one(
        parse("nats://a:hunter2@one,nats://b:hunter3@two"),
        "TENANTRY__EVENTS__NATS_URL must",
    );
    assert!(!one.contains("hunter"), "{one}");
    assert_one(parse("nats://one:0"), "TENANTRY__EVENTS__NATS_URL must");
}
