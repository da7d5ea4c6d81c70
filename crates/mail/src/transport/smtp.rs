//! Mails to a mail server.

use std::{fs, time::Duration};

use async_trait::async_trait;
use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor,
    transport::smtp::{
        Error, PoolConfig,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
        extension::ClientId,
    },
};
use secrecy::ExposeSecret as _;

use crate::{
    Mail, MailError, Mailer, Sender,
    url::{SmtpOptions, TlsMode},
};

/// How long the server may take for each answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection waits for the next mail.
const IDLE: Duration = Duration::from_secs(20);

/// The most connections.
const CONNECTIONS: u32 = 4;

/// Sends mails over SMTP.
pub(super) struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Sender,
}

impl SmtpMailer {
    pub(super) fn new(options: &SmtpOptions, from: Sender) -> Result<Self, MailError> {
        let mut tls = TlsParameters::builder(options.host.clone());
        if let Some(file) = &options.authority {
            let pem = fs::read(file).map_err(|error| MailError::Unavailable(error.into()))?;
            let authority = Certificate::from_pem(&pem).map_err(unavailable)?;
            tls = tls.add_root_certificate(authority);
        }
        let tls = tls.build().map_err(unavailable)?;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&options.host)
            .port(options.port)
            .tls(match options.tls {
                TlsMode::Wrapped => Tls::Wrapper(tls),
                TlsMode::Required => Tls::Required(tls),
                TlsMode::Opportunistic => Tls::Opportunistic(tls),
            })
            .hello_name(ClientId::Domain(from.domain().to_owned()))
            .timeout(Some(TIMEOUT))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS).idle_timeout(IDLE));
        if let Some((user, password)) = &options.credentials {
            let password = password.expose_secret().to_owned();
            builder = builder.credentials(Credentials::new(user.clone(), password));
        }
        Ok(Self {
            transport: builder.build(),
            from,
        })
    }
}

fn unavailable(error: Error) -> MailError {
    MailError::Unavailable(error.into())
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let message = mail.message(&self.from)?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if is_final(&error) => Err(MailError::Rejected(error.into())),
            Err(error) => Err(unavailable(error)),
        }
    }
}

/// Whether the server refuses this mail for good. 53x is about the credentials of this program (RFC 4954,
/// section 6), which its operator can correct.
fn is_final(error: &Error) -> bool {
    let code = error.status().map(u16::from);
    error.is_permanent() && code.is_some_and(|code| !(530..540).contains(&code))
}
