//! A folder of mails, as a transport or a mail server writes them.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// How long a mail may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A folder of mails.
pub struct Mailbox(PathBuf);

/// A mail, decoded.
#[derive(Clone, Debug)]
pub struct ReceivedMail {
    /// Its headers, unfolded.
    pub headers: Vec<(String, String)>,
    /// Its text.
    pub text: String,
    /// Its HTML.
    pub html: String,
}

impl Mailbox {
    /// The mails of a folder, which may not exist yet.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// Every mail, in the order of the files' names.
    ///
    /// # Panics
    /// When a file is no mail.
    #[must_use]
    pub fn all(&self) -> Vec<ReceivedMail> {
        let Ok(entries) = fs::read_dir(&self.0) else {
            return Vec::new();
        };
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|it| it == "eml"));
        paths.sort();
        let read = |path: &PathBuf| ReceivedMail::parse(&fs::read_to_string(path).expect("text"));
        paths.iter().map(read).collect()
    }

    /// The mails to an address with this subject.
    #[must_use]
    pub fn to(&self, address: &str, subject: &str) -> Vec<ReceivedMail> {
        let mut mails = self.all();
        mails.retain(|mail| {
            mail.header("To").contains(address) && mail.header("Subject") == subject
        });
        mails
    }

    /// Waits until there are that many mails to an address with this subject, and returns them.
    ///
    /// # Panics
    /// When they do not come.
    pub async fn wait(&self, address: &str, subject: &str, count: usize) -> Vec<ReceivedMail> {
        let start = Instant::now();
        loop {
            let mails = self.to(address, subject);
            if mails.len() >= count {
                return mails;
            }
            assert!(
                start.elapsed() < TIMEOUT,
                "{} of {count} mails to {address}: {subject}\n{:#?}",
                mails.len(),
                self.all()
                    .iter()
                    .map(|mail| &mail.headers)
                    .collect::<Vec<_>>()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The secret in the link of the newest mail to an address with this subject.
    ///
    /// # Panics
    /// When it does not come.
    pub async fn secret(&self, address: &str, subject: &str, count: usize) -> String {
        let mails = self.wait(address, subject, count).await;
        let secrets: Vec<_> = mails.iter().map(ReceivedMail::secret).collect();
        secrets[count - 1].clone()
    }
}

impl ReceivedMail {
    fn parse(text: &str) -> Self {
        let (headers, body) = split(text);
        let mut mail = Self {
            headers,
            text: String::new(),
            html: String::new(),
        };
        let content_type = mail.header("Content-Type").to_owned();
        let boundary = content_type.split("boundary=\"").nth(1);
        let boundary = boundary.and_then(|it| it.split('"').next());
        let boundary = format!("--{}", boundary.expect("a mail of several parts"));
        for part in body.split(&boundary).skip(1) {
            let (headers, body) = split(part.trim_start());
            let header = |name: &str| {
                let mut found = headers.iter();
                let found = found.find(|(of, _)| of == name);
                found.map_or("", |(_, value)| value.as_str())
            };
            let body = match header("Content-Transfer-Encoding") {
                "quoted-printable" => quoted_printable(&body),
                _ => body,
            };
            match header("Content-Type").split(';').next() {
                Some("text/plain") => mail.text = body,
                Some("text/html") => mail.html = body,
                _ => {}
            }
        }
        mail
    }

    /// A header; empty if there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(of, _)| of == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The secret in the link of its text.
    ///
    /// # Panics
    /// When it has none.
    #[must_use]
    pub fn secret(&self) -> String {
        let secret = self.text.split("#token=").nth(1);
        let secret = secret.and_then(|it| it.split_whitespace().next());
        secret.expect("a link").to_owned()
    }
}

/// The headers, unfolded, and the rest.
fn split(text: &str) -> (Vec<(String, String)>, String) {
    let text = text.replace("\r\n", "\n");
    let (headers, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let unfolded = headers.replace("\n ", " ").replace("\n\t", " ");
    let headers = unfolded.lines().filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    (headers.collect(), body.to_owned())
}

fn quoted_printable(text: &str) -> String {
    let joined = text.replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match (first, code.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
            (b'=', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}
