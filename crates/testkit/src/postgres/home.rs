//! Creating, starting and stopping the cluster.

use std::{
    fs::{self, File},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Command, Stdio},
};

use super::{account::Account, address::Address, binaries::program, role::SUPERUSER};
use crate::shared_dir;

const SUPERVISOR: &str = include_str!("supervisor.sh");

/// Seconds between two checks of the supervisor.
const PAUSE: &str = "15";

/// Speed over durability: the cluster is disposable. It listens only on the loopback address, and
/// plans change only when a test runs ANALYZE.
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
        shared_dir::make(&home.folder);
        // It holds the cluster superuser's password, and a superuser can run programs.
        fs::set_permissions(&home.folder, fs::Permissions::from_mode(0o700))
            .expect("our own folder");
        home.hand_over("");
        home
    }

    /// Opens a lock file of the given name.
    pub(super) fn lock_file(&self, name: &str) -> File {
        let file = shared_dir::lock_file(&self.folder.join(name));
        self.hand_over(name);
        file
    }

    /// The address of the cluster, if one was started and not stopped.
    pub(super) fn address(&self) -> Option<Address> {
        let text = fs::read(self.folder.join("address")).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Makes sure that a supervisor runs, which stops the unused cluster. The caller holds the start
    /// lock, and a shared lock that the supervisor waits for.
    pub(super) fn supervise(&self) {
        let lock = self.lock_file("supervisor.lock");
        if lock.try_lock().is_err() {
            return;
        }
        drop(lock);
        self.write("supervisor.sh", SUPERVISOR);
        // In its own session, so that neither Ctrl-C nor a closed terminal reaches it, and not as
        // our child, because no process would wait for it.
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

    /// Replaces any existing cluster by a new one, and starts it.
    pub(super) fn start(&self) -> Address {
        self.remove_remains();
        let password = shared_dir::random(32);
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
        fs::write(&file, settings).expect("our own file");
        let address = Address {
            port: self.start_on_a_free_port(),
            password,
        };
        let text = serde_json::to_string(&address).expect("plain data");
        self.write("address", &text);
        address
    }

    /// The self-signed certificate.
    pub(super) fn certificate(&self) -> PathBuf {
        self.folder.join("server.crt")
    }

    fn certify(&self) {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]);
        let made = made.expect("a valid address");
        self.write("server.crt", &made.cert.pem());
        self.write("server.key", &made.signing_key.serialize_pem());
        let key = self.folder.join("server.key");
        fs::set_permissions(key, fs::Permissions::from_mode(0o600)).expect("our own file");
    }

    /// Stops it gracefully. Its data stays.
    pub(super) fn stop(&self) {
        let mut stop = self.command(program("pg_ctl"));
        stop.args(["stop", "--silent", "--wait", "--mode", "fast", "--pgdata"])
            .arg(self.data());
        finish(&mut stop).unwrap_or_else(|report| panic!("Postgres does not stop:\n{report}"));
    }

    /// Starts it on this port, with its data.
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
        // Another process may take the port before the start.
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

    /// Stops a running server, and deletes its data.
    pub(super) fn remove_remains(&self) {
        if self.data().exists() {
            let mut stop = self.command(program("pg_ctl"));
            stop.args(["stop", "--silent", "--mode", "immediate", "--pgdata"])
                .arg(self.data());
            // It is usually stopped already, which pg_ctl reports as a failure.
            drop(finish(&mut stop));
            fs::remove_dir_all(self.data()).expect("our own folder");
        }
        for name in ["address", "log", "password"] {
            drop(fs::remove_file(self.folder.join(name)));
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// A command under the cluster's account, with a clean environment and working directory.
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

    /// Writes a file atomically.
    fn write(&self, name: &str, text: &str) {
        let draft = format!("{name}.draft");
        fs::write(self.folder.join(&draft), text).expect("our own file");
        self.hand_over(&draft);
        fs::rename(self.folder.join(draft), self.folder.join(name)).expect("our own file");
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
