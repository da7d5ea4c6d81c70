//! The destination of events.

use std::{fmt, str::FromStr};

use async_nats::ServerAddr;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

/// The destination of events.
#[derive(Clone, Debug)]
pub struct NatsOptions {
    /// The servers of the cluster; any of them is used.
    pub servers: Servers,
    /// The JetStream stream that stores the events.
    pub stream: StreamName,
    /// The prefix of every subject.
    pub prefix: SubjectPrefix,
}

/// What is expected. The rejected text is not repeated, because it may hold a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidOption(&'static str);

/// The addresses of one or more servers of one cluster, and the credentials for all of them.
#[derive(Clone)]
pub struct Servers {
    pub(crate) addresses: Vec<ServerAddr>,
    pub(crate) credentials: Option<Credentials>,
}

/// The client's credentials. Stored separately from the addresses, which the client library logs.
#[derive(Clone)]
pub(crate) enum Credentials {
    User {
        name: String,
        password: SecretString,
    },
    Token(SecretString),
}

impl FromStr for Servers {
    type Err = InvalidOption;

    /// Parses `nats://USER:PASSWORD@HOST:PORT`, or several separated by commas. The scheme `tls`
    /// enables TLS; a user without a password is a token.
    fn from_str(text: &str) -> Result<Self, InvalidOption> {
        const EXPECTED: InvalidOption = InvalidOption(
            "must be nats://USER:PASSWORD@HOST:PORT or tls://…, or several with commas between",
        );
        const ONE_LOGIN: InvalidOption = InvalidOption(
            "must have the same user and password, or the same token, in all addresses",
        );
        let mut servers = Self {
            addresses: Vec::new(),
            credentials: None,
        };
        for address in text.split(',') {
            let mut url = Url::parse(address.trim()).map_err(|_| EXPECTED)?;
            let known = ["nats", "tls"].contains(&url.scheme()) && url.has_host();
            let bare = ["", "/"].contains(&url.path()) && url.query().is_none();
            if !known || !bare || url.fragment().is_some() {
                return Err(EXPECTED);
            }
            if url.port() == Some(0) {
                return Err(EXPECTED);
            }
            if let Some(found) = credentials(&url).ok_or(EXPECTED)? {
                let known = servers.credentials.get_or_insert_with(|| found.clone());
                if *known != found {
                    return Err(ONE_LOGIN);
                }
            }
            url.set_username("").map_err(|()| EXPECTED)?;
            url.set_password(None).map_err(|()| EXPECTED)?;
            let address = ServerAddr::from_url(url).map_err(|_| EXPECTED)?;
            servers.addresses.push(address);
        }
        Ok(servers)
    }
}

impl PartialEq for Credentials {
    fn eq(&self, other: &Self) -> bool {
        let exposed = |credentials: &Self| match credentials {
            Self::User { name, password } => {
                (Some(name.clone()), password.expose_secret().to_owned())
            }
            Self::Token(token) => (None, token.expose_secret().to_owned()),
        };
        exposed(self) == exposed(other)
    }
}

/// The credentials in an address, if any; `None` when they are not UTF-8.
fn credentials(url: &Url) -> Option<Option<Credentials>> {
    let text = |encoded| {
        let decoded = percent_decode_str(encoded).decode_utf8();
        decoded.ok().map(String::from)
    };
    let name = text(url.username())?;
    Some(match url.password() {
        Some(password) => Some(Credentials::User {
            name,
            password: text(password)?.into(),
        }),
        None if name.is_empty() => None,
        None => Some(Credentials::Token(name.into())),
    })
}

/// Without the credentials.
impl fmt::Display for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, address) in self.addresses.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let (scheme, host, port) = (address.scheme(), address.host(), address.port());
            write!(f, "{comma}{scheme}://{host}:{port}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Servers({self})")
    }
}

/// The name of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamName(String);

impl FromStr for StreamName {
    type Err = InvalidOption;

    fn from_str(text: &str) -> Result<Self, InvalidOption> {
        if is_token(text) {
            Ok(Self(text.to_owned()))
        } else {
            let expected = "must be 1 to 100 letters, digits, hyphens or underscores";
            Err(InvalidOption(expected))
        }
    }
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The prefix of every subject: one or more tokens separated by dots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectPrefix(String);

impl FromStr for SubjectPrefix {
    type Err = InvalidOption;

    fn from_str(text: &str) -> Result<Self, InvalidOption> {
        if text.len() <= 100 && text.split('.').all(is_token) {
            Ok(Self(text.to_owned()))
        } else {
            let expected =
                "must be letters, digits, hyphens and underscores, with dots between, 100 at most";
            Err(InvalidOption(expected))
        }
    }
}

impl fmt::Display for SubjectPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_token(text: &str) -> bool {
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=100).contains(&text.len()) && text.chars().all(valid)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn credentials_are_never_displayed() {
        let text = "nats://app:hun%2Fter2@one:4222,tls://app:hun%2Fter2@two";
        let servers: Servers = text.parse().expect("valid");
        assert_eq!(servers.to_string(), "nats://one:4222,tls://two:4222");
        assert!(!format!("{servers:?}{:?}", servers.addresses).contains("ter2"));
        match servers.credentials {
            Some(Credentials::User { name, password }) => {
                assert_eq!(name, "app");
                assert_eq!(password.expose_secret(), "hun/ter2");
            }
            _ => panic!("a user and a password"),
        }
        let servers: Servers = "nats://s3cret@one".parse().expect("valid");
        assert!(matches!(servers.credentials, Some(Credentials::Token(_))));
        assert!(!format!("{servers:?}").contains("s3cret"));
        let servers: Servers = "nats://one".parse().expect("valid");
        assert!(servers.credentials.is_none());
    }

    #[test]
    fn an_invalid_address_is_rejected_and_not_repeated() {
        for text in [
            "",
            "one",
            "http://one",
            "nats://",
            "nats://one/path",
            "nats://one,",
            "nats:one",
        ] {
            let refused = text.parse::<Servers>().expect_err(text);
            assert!(refused.to_string().starts_with("must be nats://USER"));
        }
    }

    #[test]
    fn names_contain_no_characters_with_a_meaning_in_subjects() {
        for text in ["", "a.b", "a b", "*", ">", "ä", &"a".repeat(101)] {
            assert!(text.parse::<StreamName>().is_err(), "{text}");
        }
        for text in ["", "a..b", ".a", "a.", "a.*", ">", "a b"] {
            assert!(text.parse::<SubjectPrefix>().is_err(), "{text}");
        }
        assert!("Tenantry_events-1".parse::<StreamName>().is_ok());
        assert!("acme.production.tenantry".parse::<SubjectPrefix>().is_ok());
    }
}
