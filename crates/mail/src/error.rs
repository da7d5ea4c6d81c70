//! Why a mail was not sent.

/// Any error of a transport.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// It may succeed later: the server is away or refuses for now.
    #[error("the mail could not be sent")]
    Unavailable(#[source] Cause),
    /// The server refuses the mail for good.
    #[error("the mail was rejected")]
    Rejected(#[source] Cause),
}
