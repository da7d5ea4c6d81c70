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
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        (
            "https://BÜCHER.example:443",
            "https://xn--bcher-kva.example",
        ),
        (
            "http://bu\u{308}cher.example:8080",
            "http://xn--bcher-kva.example:8080",
        ),
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
        "https://[::0001]",
        "https://bücher.example/",
        "https://bücher.example?",
        "https://ada@bücher.example",
        "ftp://bücher.example",
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
fn a_value_of_the_file_that_can_not_be_read_names_its_line() {
    for value in [
        "hunter2 with spaces",
        "'hunter2",
        "\"hunter2",
        "hunter\\2",
        "a b # hunter2",
        "'a'b c",
    ] {
        for line in [
            format!("TENANTRY__MAIL={value}"),
            format!("export OTHER = {value}  "),
        ] {
            let mut inputs = SettingSources::environment([]);
            inputs.dotenv = Some(format!("# one\nA='b c'\n{line}\nDEPLOYMENT_MODE=saas\n"));
            let one = assert_one(Settings::parse(&inputs), ".env can't be understood");
            assert!(
                one.contains("line 3") && one.contains("quotes"),
                "{line}: {one}"
            );
            assert!(!one.contains("hunter"), "{one}");
        }
    }
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
    let parse =
        |filter: &str| Settings::parse(&SettingSources::environment([("RUST_LOG", filter)]));
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
        // The library takes the comma for the end of the directive.
        "[request{path=/a,b=c}]=debug",
        "tenantry-core=debug",
        "tenantry:http=debug",
        "Tenantry=debug",
        "tenantry_htp=debug",
        "tenantry_nothing",
        "tenantry::http/x=debug",
        "tenantry debug",
        "warn,tenantry =debug",
        ",",
        " , ",
    ] {
        let one = assert_one(parse(filter), "RUST_LOG must");
        assert!(!one.contains("did you mean"), "{one}");
    }
    let trimmed = parse(" warn , tenantry_core=debug ,")
        .expect("valid")
        .log
        .filter;
    assert_eq!(trimmed.as_deref(), Some("warn,tenantry_core=debug"));
    let crates = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates");
    for folder in std::fs::read_dir(crates).expect("our crates") {
        let name = folder.expect("a folder").file_name();
        let name = name.into_string().expect("text");
        if name != "testkit" {
            let filter = format!("tenantry_{name}=debug");
            parse(&filter).expect(&filter);
        }
    }
    for filter in [
        "tenantry::app=debug,tenantry=info",
        "[request{client=a}]=debug,warn",
        "tenantry_core[request]=trace",
        "3",
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

#[test]
fn a_dedicated_organization_without_the_mode_is_named() {
    let parse = |mode, slug| {
        let settings = Settings::parse(&SettingSources::environment([
            ("DEPLOYMENT_MODE", mode),
            ("DEDICATED_ORG_SLUG", slug),
        ]));
        let settings = settings.expect("valid");
        let warnings = settings.warnings().iter().map(ToString::to_string);
        warnings.collect::<Vec<_>>()
    };
    let warnings = parse("saas", "acme");
    assert_eq!(warnings.len(), 1);
    assert!(
        warnings[0].starts_with("DEDICATED_ORG_SLUG has no effect"),
        "{warnings:?}"
    );
    assert_eq!(parse("dedicated", "acme"), [""; 0]);
    assert_eq!(parse("saas", ""), [""; 0]);
}
