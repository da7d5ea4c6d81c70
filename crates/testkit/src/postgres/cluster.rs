//! Making, starting and ending the cluster.

use std::{
    fs::{self, File},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Command, Stdio},
};

use super::{Address, SUPERUSER, account::Account, program};
use crate::workshop;

const SUPERVISOR: &str = include_str!("supervisor.sh");

/// Seconds between two looks of the supervisor.
const PAUSE: &str = "15";

/// Speed before safety: what a crash destroys is made again. Nothing listens but on the
/// loopback address, and plans change only when a test says ANALYZE.
const SETTINGS: &str = "
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_size = 256MB
max_wal_senders = 0
max_connections = 300
shared_buffers = 128MB
autovacuum = off
listen_addresses = '127.0.0.1'
ssl = on
ssl_cert_file = '../server.crt'
ssl_key_file = '../server.key'
unix_socket_directories = ''
";

/// The folder of the cluster.
pub(super) struct Home {
    folder: PathBuf,
    account: Option<Account>,
}

impl Home {
    pub(super) fn open(folder: PathBuf) -> Self {
        let home = Self {
            folder,
            account: Account::to_change_to(),
        };
        workshop::make(&home.folder);
        // The password in it is the cluster superuser's, and a superuser can run programs.
        fs::set_permissions(&home.folder, fs::Permissions::from_mode(0o700))
            .expect("a folder of ours");
        home.hand_over("");
        home
    }

    /// Opens a lock file of the given name.
    pub(super) fn lock_file(&self, name: &str) -> File {
        let file = workshop::lock_file(&self.folder.join(name));
        self.hand_over(name);
        file
    }

    /// Where the cluster should be, if one was started and not ended.
    pub(super) fn address(&self) -> Option<Address> {
        let text = fs::read(self.folder.join("address")).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Makes sure that a supervisor is there to end the cluster. The caller holds the start
    /// lock, and a shared lock that keeps the supervisor waiting.
    pub(super) fn supervise(&self) {
        let lock = self.lock_file("supervisor.lock");
        if lock.try_lock().is_err() {
            return;
        }
        drop(lock);
        self.write("supervisor.sh", SUPERVISOR);
        // In a session of its own, where neither Ctrl-C nor the end of a terminal reaches it,
        // and not as our child, because nobody would wait for it.
        let mut command = self.command("setsid");
        command
            .args(["--fork", "/bin/sh"])
            .arg(self.folder.join("supervisor.sh"))
            .arg(&self.folder)
            .arg(program("pg_ctl"))
            .arg(PAUSE)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let started = command.status().expect("setsid, of util-linux, is there");
        assert!(
            started.success(),
            "the supervisor of the cluster does not start"
        );
    }

    /// Makes a new cluster in place of whatever is there, and starts it.
    pub(super) fn start(&self) -> Address {
        self.remove_remains();
        let password = workshop::random(32);
        self.write("password", &password);
        let mut initdb = self.command(program("initdb"));
        initdb
            .arg("--pgdata")
            .arg(self.data())
            .arg("--pwfile")
            .arg(self.folder.join("password"))
            .args(["--username", SUPERUSER, "--auth", "password"])
            .args(["--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"]);
        if let Err(report) = finish(&mut initdb) {
            panic!("initdb failed:\n{report}");
        }
        self.certify();
        let file = self.data().join("postgresql.conf");
        let settings = fs::read_to_string(&file).expect("initdb writes it") + SETTINGS;
        fs::write(&file, settings).expect("a file of ours");
        let address = Address {
            port: self.start_on_a_free_port(),
            password,
        };
        let text = serde_json::to_string(&address).expect("a number and a word");
        self.write("address", &text);
        address
    }

    /// A certificate that nobody else vouches for.
    pub(super) fn certificate(&self) -> PathBuf {
        self.folder.join("server.crt")
    }

    fn certify(&self) {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]);
        let made = made.expect("an address to vouch for");
        self.write("server.crt", &made.cert.pem());
        self.write("server.key", &made.signing_key.serialize_pem());
        let key = self.folder.join("server.key");
        fs::set_permissions(key, fs::Permissions::from_mode(0o600)).expect("a file of ours");
    }

    /// Ends it as its operator would. What it holds stays.
    pub(super) fn stop(&self) {
        let mut stop = self.command(program("pg_ctl"));
        stop.args(["stop", "--silent", "--wait", "--mode", "fast", "--pgdata"])
            .arg(self.data());
        finish(&mut stop).unwrap_or_else(|report| panic!("Postgres does not stop:\n{report}"));
    }

    /// Starts it again, with what it holds, at the port where it was.
    pub(super) fn start_at(&self, port: u16) -> Result<(), String> {
        let mut start = self.command(program("pg_ctl"));
        start
            .args(["start", "--silent", "--wait", "--timeout", "60", "--pgdata"])
            .arg(self.data())
            .arg("--log")
            .arg(self.folder.join("log"))
            .args(["--options", &format!("-p {port}")]);
        finish(&mut start)
    }

    fn start_on_a_free_port(&self) -> u16 {
        let mut report = String::new();
        // Another process may take the port between our look and the start.
        for _ in 0..5 {
            let port = free_port();
            match self.start_at(port) {
                Ok(()) => return port,
                Err(output) => report = output,
            }
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        panic!("Postgres does not start:\n{report}\n{log}");
    }

    /// Ends what is still running, and throws away what it held.
    pub(super) fn remove_remains(&self) {
        if self.data().exists() {
            let mut stop = self.command(program("pg_ctl"));
            stop.args(["stop", "--silent", "--mode", "immediate", "--pgdata"])
                .arg(self.data());
            // Mostly it is dead already, which pg_ctl calls a failure.
            drop(finish(&mut stop));
            fs::remove_dir_all(self.data()).expect("a folder of ours");
        }
        for name in ["address", "log", "password"] {
            drop(fs::remove_file(self.folder.join(name)));
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// A command under the right account, free of settings that were meant for another
    /// cluster, and holding on to nothing of ours.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("LC_ALL", "C")
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .current_dir("/")
            .stdin(Stdio::null());
        if let Some(account) = self.account {
            account.run(&mut command);
        }
        command
    }

    /// Writes a file wholly or not at all.
    fn write(&self, name: &str, text: &str) {
        let draft = format!("{name}.draft");
        fs::write(self.folder.join(&draft), text).expect("a file of ours");
        self.hand_over(&draft);
        fs::rename(self.folder.join(draft), self.folder.join(name)).expect("a file of ours");
    }

    fn hand_over(&self, name: &str) {
        if let Some(account) = self.account {
            account.own(&self.folder.join(name));
        }
    }
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .expect("the loopback address has a free port")
        .port()
}

fn finish(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    Err(String::from_utf8_lossy(&text).into_owned())
}
