//! Where mails go.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::{Host, Url};

/// What is expected. The rejected text is not repeated, because it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidMailUrl(&'static str);

/// Where mails go.
#[derive(Clone, Debug, Default)]
pub enum MailUrl {
    /// `log:`: to the log on the terminal, for development.
    #[default]
    Log,
    /// `file:///folder`: one file for each mail.
    Folder(PathBuf),
    /// `smtp://` or `smtps://`: to a mail server.
    Smtp(SmtpOptions),
}

/// A mail server, and how to sign in to it.
#[derive(Clone, Debug)]
pub struct SmtpOptions {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: TlsMode,
    pub(crate) credentials: Option<(String, SecretString)>,
    /// A file with a further certificate authority, in PEM.
    pub(crate) authority: Option<PathBuf>,
}

/// When the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TlsMode {
    /// From its first byte.
    Wrapped,
    /// After STARTTLS, without which no mail is sent.
    Required,
    /// After STARTTLS if the server offers it.
    Opportunistic,
}

impl MailUrl {
    /// Whether mails reach people.
    #[must_use]
    pub const fn reaches_people(&self) -> bool {
        !matches!(self, Self::Log)
    }

    /// Whether mails leave this machine, so that a sender must be set.
    #[must_use]
    pub const fn needs_sender(&self) -> bool {
        matches!(self, Self::Smtp(_))
    }
}

impl FromStr for MailUrl {
    type Err = InvalidMailUrl;

    fn from_str(text: &str) -> Result<Self, InvalidMailUrl> {
        const EXPECTED: InvalidMailUrl = InvalidMailUrl(
            "must be log:, file:///folder, smtp://USER:PASSWORD@HOST:PORT or smtps://…",
        );
        let text = text.trim();
        if text == "log:" {
            return Ok(Self::Log);
        }
        let url = Url::parse(text).map_err(|_| EXPECTED)?;
        match url.scheme() {
            "file" => {
                let path = url.to_file_path().map_err(|()| EXPECTED)?;
                let bare = url.query().is_none() && url.fragment().is_none();
                if bare {
                    Ok(Self::Folder(path))
                } else {
                    Err(EXPECTED)
                }
            }
            "smtp" | "smtps" => smtp(&url, EXPECTED).map(Self::Smtp),
            _ => Err(EXPECTED),
        }
    }
}

fn smtp(url: &Url, expected: InvalidMailUrl) -> Result<SmtpOptions, InvalidMailUrl> {
    const IN_THE_CLEAR: InvalidMailUrl =
        InvalidMailUrl("must not send a password with tls=opportunistic");
    const PARAMETERS: InvalidMailUrl =
        InvalidMailUrl("takes no parameters but tls=opportunistic (smtp:// only) and ca=FILE");
    let host = url.host().ok_or(expected)?;
    // A scheme that is not the web's keeps its host as it was written.
    let host: Host = Host::parse(&host.to_string()).map_err(|_| expected)?;
    let is_bare = ["", "/"].contains(&url.path()) && url.fragment().is_none();
    if !is_bare || url.port() == Some(0) {
        return Err(expected);
    }
    let credentials = credentials(url).ok_or(expected)?;
    let is_wrapped = url.scheme() == "smtps";
    let mut tls = match (is_wrapped, is_loopback(&host)) {
        (true, _) => TlsMode::Wrapped,
        // For the mailboxes that developers run beside the server.
        (false, true) if credentials.is_none() => TlsMode::Opportunistic,
        (false, _) => TlsMode::Required,
    };
    let mut authority = None;
    for (name, value) in url.query_pairs() {
        match (&*name, &*value) {
            ("tls", "opportunistic") if !is_wrapped => {
                if credentials.is_some() {
                    return Err(IN_THE_CLEAR);
                }
                tls = TlsMode::Opportunistic;
            }
            ("ca", file) if !file.is_empty() => authority = Some(PathBuf::from(file)),
            _ => return Err(PARAMETERS),
        }
    }
    Ok(SmtpOptions {
        host: host.to_string(),
        port: url.port().unwrap_or(if is_wrapped { 465 } else { 587 }),
        tls,
        credentials,
        authority,
    })
}

fn is_loopback(host: &Host) -> bool {
    match host {
        Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

/// The credentials in an address, if any; `None` when they are incomplete or not UTF-8.
fn credentials(url: &Url) -> Option<Option<(String, SecretString)>> {
    let text = |encoded| {
        let decoded = percent_decode_str(encoded).decode_utf8();
        decoded.ok().map(String::from)
    };
    match (url.username(), url.password()) {
        ("", None) => Some(None),
        ("", Some(_)) | (_, None) => None,
        (name, Some(password)) => Some(Some((text(name)?, text(password)?.into()))),
    }
}

/// Without the password.
impl fmt::Display for MailUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log => f.write_str("log:"),
            Self::Folder(path) => write!(f, "file://{}", path.display()),
            Self::Smtp(options) => options.fmt(f),
        }
    }
}

impl fmt::Display for SmtpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls == TlsMode::Wrapped {
            "smtps"
        } else {
            "smtp"
        };
        let user = self.credentials.as_ref();
        let user = user.map_or(String::new(), |(name, _)| format!("{name}:***@"));
        write!(f, "{scheme}://{user}{}:{}", self.host, self.port)?;
        if self.tls == TlsMode::Opportunistic {
            f.write_str("?tls=opportunistic")?;
        }
        if let Some(file) = self.authority.as_deref().map(Path::display) {
            let separator = if self.tls == TlsMode::Opportunistic {
                '&'
            } else {
                '?'
            };
            write!(f, "{separator}ca={file}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let url: Result<MailUrl, _> = text.parse();
        url.map_or_else(|error| error.to_string(), |url| url.to_string())
    }

    #[test]
    fn an_address_names_the_terminal_a_folder_or_a_server_and_shows_no_password() {
        for (text, expected) in [
            ("log:", "log:"),
            ("file:///var/mail/out", "file:///var/mail/out"),
            (
                "smtp://a%40b:p%3Aw@mail.example",
                "smtp://a@b:***@mail.example:587",
            ),
            (
                "smtps://a:pw@mail.example",
                "smtps://a:***@mail.example:465",
            ),
            ("smtp://mail.example:25", "smtp://mail.example:25"),
            (
                "smtp://localhost:1025",
                "smtp://localhost:1025?tls=opportunistic",
            ),
            ("smtp://[::1]:1025", "smtp://[::1]:1025?tls=opportunistic"),
            ("smtp://a:pw@localhost:1025", "smtp://a:***@localhost:1025"),
            (
                "smtp://relay.internal:25?tls=opportunistic&ca=/etc/ca.pem",
                "smtp://relay.internal:25?tls=opportunistic&ca=/etc/ca.pem",
            ),
        ] {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn another_address_is_refused_without_repeating_its_password() {
        for bad in [
            "",
            "log",
            "log:x",
            "mailto:a@example.com",
            "file://host/folder",
            "file:///folder?x",
            "smtp:",
            "smtp://",
            "smtp://:hunter2@mail.example",
            "smtp://a@mail.example",
            "smtp://a:hunter2@mail.example:0",
            "smtp://a:hunter2@mail.example/path",
            "smtp://a:hunter2@mail.example?tls=none",
            "smtp://a:hunter2@mail.example?tls=opportunistic",
            "smtps://mail.example?tls=opportunistic",
            "smtp://a:%FF@mail.example",
        ] {
            let error = bad.parse::<MailUrl>().map(|url| url.to_string());
            let error = error.expect_err(bad).to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
