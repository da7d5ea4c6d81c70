//! The address of a Postgres server, as the driver and `pg_dump` understand it.

use std::{collections::BTreeSet, num::NonZeroU16, path::PathBuf};

use percent_encoding::percent_decode_str;
use sea_orm::sqlx::postgres::PgConnectOptions;
use url::{Url, form_urlencoded};

const EXPECTED: &str = "must be sqlite://FILE?mode=rwc or postgres://USER:PASSWORD@HOST/DATABASE";

const SSL_MODES: [&str; 6] = [
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
];
const SSL_MODE: &str =
    "must have disable, allow, prefer, require, verify-ca or verify-full as its sslmode";
const ONE_HOST: &str = "must name one host";
const PORT: &str = "must have a number from 1 to 65535 as its port";

/// The parameters that the driver and libpq take and read alike.
const PARAMETERS: [&str; 11] = [
    "host",
    "port",
    "dbname",
    "user",
    "password",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "application_name",
    "options",
];

/// Those that name a file.
const FILES: [&str; 3] = ["sslrootcert", "sslcert", "sslkey"];

#[derive(Clone)]
pub(super) struct Server {
    pub(super) options: PgConnectOptions,
    /// The role, where the address names it.
    pub(super) user: Option<String>,
    /// The address without its password.
    pub(super) shown: String,
    /// The files that parameters name, by the parameter.
    files: Vec<(String, PathBuf)>,
}

impl Server {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if !is_encoded(text) {
            return Err("must write a % as %25".to_owned());
        }
        let url = Url::parse(text).map_err(|_| EXPECTED)?;
        if !["postgres", "postgresql"].contains(&url.scheme()) || url.cannot_be_a_base() {
            return Err(EXPECTED.to_owned());
        }
        if url.fragment().is_some() {
            return Err("must write a # as %23".to_owned());
        }
        if url.query().is_some_and(|query| query.contains('+')) {
            // A space for the driver, and a plus for libpq.
            return Err("must write a + after the ? as %2B, and a space as %20".to_owned());
        }
        let (user, database) = (decoded(url.username())?, decoded(url.path())?);
        let password = url.password().map(decoded).transpose()?;
        let database = database.strip_prefix('/').unwrap_or(&database);
        if database.contains('/') {
            return Err("must have the name of one database after the host".to_owned());
        }
        if url.host_str().is_some_and(|host| host.contains(',')) {
            return Err(ONE_HOST.to_owned());
        }
        if url.port() == Some(0) {
            return Err(PORT.to_owned());
        }
        let mut given = BTreeSet::new();
        for (name, is_given) in [
            ("user", !user.is_empty()),
            ("password", password.is_some()),
            ("dbname", !database.is_empty()),
            ("host", url.host_str().is_some_and(|host| !host.is_empty())),
            ("port", url.port().is_some()),
        ] {
            if is_given {
                given.insert(name.to_owned());
            }
        }
        let mut role = (!user.is_empty()).then_some(user);
        let mut files = Vec::new();
        for (name, value) in url.query_pairs() {
            parameter(&name, &value)?;
            if name == "user" {
                role = Some(value.to_string());
            }
            if FILES.contains(&&*name) {
                files.push((name.to_string(), PathBuf::from(&*value)));
            }
            if !given.insert(name.to_string()) {
                return Err(format!("must give {name} once"));
            }
        }
        if given.contains("sslcert") != given.contains("sslkey") {
            return Err("must have both sslcert and sslkey, or none".to_owned());
        }
        if role.is_none() {
            // The driver would connect as the user of the operating system, or as `anonymous`.
            return Err(format!("{EXPECTED}, with its user"));
        }
        let options = text.parse().map_err(|_| EXPECTED)?;
        Ok(Self {
            options,
            user: role,
            shown: without_password(url),
            files,
        })
    }

    /// What is wrong where a file of a parameter is not there.
    pub(super) fn missing(&self) -> Option<String> {
        let (name, _) = self.files.iter().find(|(_, file)| !file.is_file())?;
        Some(format!("must name a file that exists as its {name}"))
    }
}

/// Whether each `%` begins an encoded byte; the driver would keep another one, and libpq refuses it.
fn is_encoded(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        let digits = after.as_bytes().first_chunk::<2>();
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// Text that the driver can send; it sends no NUL.
fn decoded(encoded: &str) -> Result<String, &'static str> {
    let text = percent_decode_str(encoded).decode_utf8();
    let text = text.map_err(|_| "must be text in UTF-8")?;
    if text.chars().any(char::is_control) {
        return Err("must not hold control characters");
    }
    Ok(text.into_owned())
}

/// Refuses what the driver or libpq does not understand, or would ignore.
fn parameter(name: &str, value: &str) -> Result<(), String> {
    if name == "hostaddr" {
        return Err("must give an IP address as its host, and no hostaddr".to_owned());
    }
    if !PARAMETERS.contains(&name) {
        return Err(format!(
            "must have only parameters that the driver and libpq know, which are {}; {} is none",
            PARAMETERS.join(", "),
            name.escape_debug()
        ));
    }
    let is_fine = match name {
        "sslmode" => {
            return SSL_MODES
                .contains(&value)
                .then_some(())
                .ok_or_else(|| SSL_MODE.to_owned());
        }
        "port" => {
            let port = value.parse::<NonZeroU16>();
            return port.map(drop).map_err(|_| PORT.to_owned());
        }
        "host" if value.contains(',') => return Err(ONE_HOST.to_owned()),
        "options" if !are_options(value) => {
            return Err("must have only -c NAME=VALUE in its options".to_owned());
        }
        // libpq takes it for a socket without a file.
        "host" if value.starts_with('@') => false,
        _ => !value.is_empty() && !value.chars().any(char::is_control),
    };
    is_fine
        .then_some(())
        .ok_or_else(|| format!("must have another value for {name}"))
}

/// Whether the server takes these options: each is `-c NAME=VALUE` or `--NAME=VALUE`, and a backslash
/// keeps a space in its value.
fn are_options(text: &str) -> bool {
    let text = text.replace("\\\\", "").replace("\\ ", "");
    let is_name = |name: &str| {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
        !name.is_empty() && name.bytes().all(is_letter)
    };
    let mut words = text.split_ascii_whitespace();
    while let Some(word) = words.next() {
        let setting = match word {
            "-c" => words.next(),
            _ => word.strip_prefix("--").or_else(|| word.strip_prefix("-c")),
        };
        let setting = setting.and_then(|setting| setting.split_once('='));
        if !setting.is_some_and(|(name, _)| is_name(name)) {
            return false;
        }
    }
    true
}

/// The address with `***` for its password, as it may be shown. libpq takes passwords from the
/// query as well.
fn without_password(mut url: Url) -> String {
    if url.password().is_some() {
        let hidden = url.set_password(Some("***"));
        hidden.expect("an address with a password has a host");
    }
    if url.query_pairs().any(|(name, _)| name == "password") {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in url.query_pairs() {
            let value = if name == "password" { "***" } else { &value };
            query.append_pair(&name, value);
        }
        let query = query.finish();
        url.set_query(Some(&query));
    }
    url.to_string()
}
