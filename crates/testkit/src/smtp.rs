//! A mail server for one test.

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

use rcgen::{CertifiedKey, generate_simple_self_signed};

/// Kills the server when its standard input closes, that is, when the test process ends in any way.
const UNTIL_STDIN_CLOSES: &str = r#""$@" & server=$!; cat; kill -9 "$server"; wait "$server""#;

const USER: &str = "tenantry";
const PASSWORD: &str = "p@ss/word";

/// A running mail server that wants STARTTLS and a sign-in. It refuses mail to `rejected@…` for good and
/// to `busy@…` for now.
pub struct SmtpServer {
    folder: PathBuf,
    port: String,
    process: Option<Child>,
}

impl SmtpServer {
    /// A listening server.
    ///
    /// # Panics
    /// When it can't be started.
    #[must_use]
    pub fn start() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = format!("smtp-{}-{count}", std::process::id());
        let folder = env::temp_dir().join(folder);
        fs::create_dir_all(folder.join("mails")).expect("a writable folder");
        let names = vec!["localhost".to_owned()];
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(names).expect("a certificate");
        fs::write(folder.join("certificate.pem"), cert.pem()).expect("written");
        fs::write(folder.join("key.pem"), signing_key.serialize_pem()).expect("written");
        let mut server = Self {
            folder,
            // Any free port.
            port: "0".to_owned(),
            process: None,
        };
        server.restart();
        server
    }

    /// Starts it again on the same port.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn restart(&mut self) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let python = root.join("target/tools/smtp/bin/python");
        assert!(
            python.exists(),
            "the tests of mail need aiosmtpd: . scripts/tools.sh; \
             python_tools smtp scripts/smtp/requirements.txt"
        );
        let mut process = Command::new("sh")
            .args(["-c", UNTIL_STDIN_CLOSES, "sh"])
            .arg(python)
            .arg(root.join("scripts/smtp/server.py"))
            .arg(self.mails())
            .arg(&self.port)
            .args([self.certificate(), self.folder.join("key.pem")])
            .args([USER, PASSWORD])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut port = String::new();
        let mut output = BufReader::new(process.stdout.take().expect("piped"));
        output.read_line(&mut port).expect("text");
        port.trim_end().clone_into(&mut self.port);
        assert!(!self.port.is_empty(), "the mail server did not start");
        self.process = Some(process);
    }

    /// Kills it.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            drop(process.stdin.take());
            drop(process.wait());
        }
    }

    /// The folder with a file for each mail that it took.
    #[must_use]
    pub fn mails(&self) -> PathBuf {
        self.folder.join("mails")
    }

    /// Its address as the setting has it, with its certificate.
    #[must_use]
    pub fn url(&self) -> String {
        let authority = self.certificate();
        let user = "tenantry:p%40ss%2Fword";
        format!(
            "smtp://{user}@localhost:{}?ca={}",
            self.port,
            authority.display()
        )
    }

    fn certificate(&self) -> PathBuf {
        self.folder.join("certificate.pem")
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.kill();
        drop(fs::remove_dir_all(&self.folder));
    }
}
