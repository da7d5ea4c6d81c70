//! A mail as it is sent.

use lettre::{
    Message,
    message::{
        MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
};
use tenantry_core::{clock::Timestamp, id::MailId};

use crate::{Sender, address::Recipient, error::MailError, letter::WrittenLetter};

/// A mail, addressed and written.
#[derive(Clone, Debug)]
pub struct Mail {
    pub(crate) id: MailId,
    pub(crate) to: Recipient,
    pub(crate) letter: WrittenLetter,
    pub(crate) at: Timestamp,
}

impl Mail {
    /// The message. Names and subjects become headers by a library that encodes them; neither holds a
    /// line break, which their types forbid.
    pub(crate) fn message(&self, from: &Sender) -> Result<Message, MailError> {
        let Self { id, to, letter, at } = self;
        let message = Message::builder()
            .from(from.mailbox())
            .to(to.mailbox())
            .subject(letter.subject.as_str())
            .date((*at).into())
            .message_id(Some(format!("<{id}@{}>", from.domain())))
            // RFC 3834: no automatic reply is wanted.
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(
                letter.text.clone(),
                letter.html.clone(),
            ));
        message.map_err(|error| MailError::Rejected(error.into()))
    }
}

#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use tenantry_core::id::Uuid;

    use super::*;
    use crate::letter::Subject;

    fn headers(name: &str, subject: Subject) -> String {
        let mail = Mail {
            id: Uuid::from_u128(7).into(),
            to: Recipient {
                name: Some(name.parse().expect("a name")),
                email: "ada@example.com".parse().expect("an address"),
            },
            letter: WrittenLetter {
                subject,
                text: "Hello".to_owned(),
                html: "<p>Hello</p>".to_owned(),
            },
            at: Timestamp::default(),
        };
        let from = "Acme <no-reply@acme.example>".parse().expect("a sender");
        let message = mail.message(&from).expect("a message").formatted();
        let message = String::from_utf8(message).expect("ASCII");
        let (headers, _) = message.split_once("\r\n\r\n").expect("a body");
        headers.replace("\r\n ", " ")
    }

    #[test]
    fn the_id_of_a_message_follows_from_the_id_of_the_mail() {
        let expected = "Message-ID: <00000000-0000-0000-0000-000000000007@acme.example>";
        let headers = headers("Ada", Subject::plain("Hello"));
        assert!(headers.contains(expected), "{headers}");
        assert!(
            headers.contains("Auto-Submitted: auto-generated"),
            "{headers}"
        );
    }

    #[test]
    fn no_name_adds_a_header_or_a_recipient() {
        for name in [
            "Ada\" <eve@example.com>, \"",
            "Ada <eve@example.com>",
            "Ada, eve@example.com",
            "Ada\\",
            "Ünïcödé \"Ada\" 名",
            &"名".repeat(255),
            &"a ".repeat(120),
        ] {
            let organization = name.parse().expect("a name");
            let headers = headers(name, Subject::about("Join", &organization));
            let count = |of: &str| headers.lines().filter(|line| line.starts_with(of)).count();
            assert_eq!(count("To: "), 1, "{headers}");
            assert_eq!(count("Subject: "), 1, "{headers}");
            assert_eq!(headers.matches("<ada@example.com>").count(), 1, "{headers}");
            for line in headers.lines() {
                let known = [
                    "From",
                    "To",
                    "Subject",
                    "Date",
                    "Message-ID",
                    "Auto-Submitted",
                    "MIME-Version",
                    "Content-Type",
                ];
                let of = line.split(':').next().unwrap_or_default();
                assert!(known.contains(&of), "{line}");
            }
            assert!(!headers.contains("To: eve"), "{headers}");
        }
        assert!(
            "Ada\r\nBcc: eve@example.com"
                .parse::<tenantry_core::value::Name>()
                .is_err()
        );
    }
}
