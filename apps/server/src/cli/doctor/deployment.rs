//! Checks of the settings: the session secret, the public address and the proxies.

use std::{collections::HashSet, fs, path::Path};

use secrecy::ExposeSecret as _;

use crate::{app::secret_beside, settings::Settings};
use tenantry_module::Check;
use tenantry_users::VerificationPolicy;

/// Fewer different characters than this are not random: even 64 random hexadecimal digits have fewer
/// than eight less than once in a billion cases.
const MIN_DIFFERENT: usize = 8;

pub(super) fn checks(settings: &Settings) -> Vec<Check> {
    vec![
        secret(settings),
        address(settings),
        proxies(settings),
        mail(settings),
        verification(settings),
    ]
}

/// Without mail no one recovers an account by themselves; on a developer's machine the terminal will do.
fn mail(settings: &Settings) -> Check {
    const NAME: &str = "mail";
    let url = &settings.mail.url;
    if url.reaches_people() {
        return Check::fine(NAME, format!("{url}, from {}", settings.mail.from));
    }
    if settings.server.public_url.is_none() {
        return Check::fine(NAME, "none: mails are shown on the terminal");
    }
    Check::finding(
        NAME,
        "none, and the server has a public address: the log shows mails with the secrets of their links",
        "set TENANTRY__MAIL__URL and TENANTRY__MAIL__FROM",
    )
}

fn verification(settings: &Settings) -> Check {
    const NAME: &str = "confirmed addresses";
    match settings.auth.verification {
        VerificationPolicy::Required if !settings.mail.url.reaches_people() => Check::finding(
            NAME,
            "required, and no mail reaches people, so that no new account can be used",
            "set TENANTRY__MAIL__URL and TENANTRY__MAIL__FROM",
        ),
        VerificationPolicy::Required => Check::fine(NAME, "required"),
        VerificationPolicy::Off if settings.server.public_url.is_none() => {
            Check::fine(NAME, "not required")
        }
        VerificationPolicy::Off => Check::question(
            NAME,
            "not required, and the server has a public address",
            "may people use addresses that are not theirs? If not, set \
             TENANTRY__AUTH__EMAIL_VERIFICATION=required",
        ),
    }
}

fn secret(settings: &Settings) -> Check {
    const NAME: &str = "session secret";
    let Some(secret) = &settings.session.secret else {
        let database = settings.database.url.file();
        let database = database.expect("without a secret, the settings are valid only for SQLite");
        return kept(&secret_beside(database));
    };
    let text = secret.expose_secret();
    let different: HashSet<_> = text.chars().collect();
    if different.len() < MIN_DIFFERENT {
        return Check::finding(
            NAME,
            format!("only {} different characters", different.len()),
            "set a random one, such as `openssl rand -base64 64 | tr -d '\\n'` prints",
        );
    }
    Check::fine(NAME, format!("set, {} bytes", text.len()))
}

/// The secret that the embedded database keeps in a file.
fn kept(file: &Path) -> Check {
    const NAME: &str = "session secret";
    let shown = file.display();
    let Ok(about) = fs::metadata(file) else {
        return Check::fine(NAME, format!("the first start makes one in {shown}"));
    };
    if is_readable_by_others(&about) {
        let found = format!("others can read {shown}");
        return Check::finding(NAME, found, format!("chmod 600 {shown}"));
    }
    Check::fine(NAME, format!("in {shown}"))
}

#[cfg(unix)]
fn is_readable_by_others(about: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o077 != 0
}

#[cfg(not(unix))]
fn is_readable_by_others(_: &fs::Metadata) -> bool {
    false
}

fn address(settings: &Settings) -> Check {
    const NAME: &str = "public address";
    let server = &settings.server;
    match &server.public_url {
        Some(url) if url.is_https() => Check::fine(NAME, url.to_string()),
        None if server.host.is_loopback() => Check::fine(NAME, "none: only this machine can come"),
        found => Check::finding(
            NAME,
            found.as_ref().map_or_else(
                || format!("none, and {} listens to others", server.host),
                |url| format!("{url} is not HTTPS"),
            ),
            "set TENANTRY__SERVER__PUBLIC_URL=https://…: without it session cookies travel in \
             the clear",
        ),
    }
}

/// Only the operator knows whether a proxy is in front; with HTTPS there must be one.
fn proxies(settings: &Settings) -> Check {
    const NAME: &str = "trusted proxies";
    let server = &settings.server;
    let elsewhere = match &server.public_url {
        Some(url) if url.is_this_machine(server.host) => None,
        Some(url) => Some(format!("{url} is not this machine's address")),
        None if server.host.is_loopback() => None,
        None => Some(format!("{} listens to others", server.host)),
    };
    if let Some(network) = server.trusted_proxies.too_wide() {
        return Check::finding(
            NAME,
            format!("{network} is trusted, so a client in it can name any address as its own"),
            "set TENANTRY__SERVER__TRUSTED_PROXIES to the networks of your proxies only",
        );
    }
    match elsewhere {
        _ if !server.trusted_proxies.is_empty() => Check::fine(NAME, "set"),
        None => Check::fine(NAME, "none: the public address is this machine's"),
        Some(found) => Check::question(
            NAME,
            format!("none, and {found}"),
            "is a proxy in front? Then set TENANTRY__SERVER__TRUSTED_PROXIES to its network: \
             without it all clients share the limits of one address",
        ),
    }
}
