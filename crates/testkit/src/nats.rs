//! A nats-server for one test.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;

/// Overrides the search for the program.
const VARIABLE: &str = "TENANTRY_TEST_NATS_SERVER";

/// Kills the server when its standard input closes, that is, when the test process ends in any way.
const UNTIL_STDIN_CLOSES: &str = r#""$@" & server=$!; cat; kill -9 "$server"; wait "$server""#;

/// A running nats-server with JetStream and its own folder.
pub struct NatsServer {
    folder: PathBuf,
    settings: &'static str,
    port: String,
    monitor: String,
    process: Option<Child>,
}

impl NatsServer {
    /// A listening server with the default settings.
    ///
    /// # Panics
    /// When it can't be started.
    #[must_use]
    pub fn start() -> Self {
        Self::with("")
    }

    /// A server with additional settings.
    ///
    /// # Panics
    /// When it can't be started.
    #[must_use]
    pub fn with(settings: &'static str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = format!("nats-{}-{count}", std::process::id());
        let mut broker = Self {
            folder: env::temp_dir().join(folder),
            settings,
            // Any free port.
            port: "-1".to_owned(),
            monitor: String::new(),
            process: None,
        };
        broker.restart();
        broker
    }

    /// Starts it again on the same port, with its data.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn restart(&mut self) {
        fs::create_dir_all(&self.folder).expect("a writable folder");
        let config = self.folder.join("nats.conf");
        fs::write(&config, self.settings).expect("a writable folder");
        let ports = self.folder.join("ports");
        drop(fs::remove_dir_all(&ports));
        fs::create_dir(&ports).expect("a writable folder");
        let child = Command::new("sh")
            .args(["-c", UNTIL_STDIN_CLOSES, "sh"])
            .arg(program())
            .args([
                "-a",
                "127.0.0.1",
                "-p",
                &self.port,
                "-m",
                "-1",
                "-js",
                "-sd",
            ])
            .arg(self.folder.join("data"))
            .arg("--ports_file_dir")
            .arg(&ports)
            .arg("-l")
            .arg(self.folder.join("log"))
            .arg("-c")
            .arg(&config)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        self.process = Some(child);
        let started = Instant::now();
        while !self.listens(&ports) {
            if started.elapsed() > Duration::from_secs(60) {
                let log = fs::read_to_string(self.folder.join("log"));
                panic!("nats-server does not start: {log:?}");
            }
            sleep(Duration::from_millis(20));
        }
    }

    fn listens(&mut self, ports: &Path) -> bool {
        let mut files = fs::read_dir(ports).expect("our own folder");
        let Some(Ok(file)) = files.next() else {
            return false;
        };
        let text = fs::read_to_string(file.path()).unwrap_or_default();
        let Ok(ports) = serde_json::from_str::<Value>(&text) else {
            return false;
        };
        let address = ports["nats"][0].as_str().expect("an address");
        self.port = address.rsplit(':').next().expect("a port").to_owned();
        let monitor = ports["monitoring"][0].as_str().expect("an address");
        self.monitor = monitor.to_owned();
        true
    }

    /// Kills it.
    ///
    /// # Panics
    /// When its end can't be awaited.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            drop(process.stdin.take());
            process.wait().expect("it ends");
        }
    }

    /// Its host and port.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The address of its monitoring over HTTP.
    #[must_use]
    pub fn monitor(&self) -> &str {
        &self.monitor
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
        drop(fs::remove_dir_all(&self.folder));
    }
}

/// # Panics
/// When there is none: a test that needs it is never skipped silently.
fn program() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let named = env::var_os(VARIABLE).map(PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).map(|folder| folder.join("nats-server"));
    let places = ["/usr/sbin/nats-server", "/usr/local/sbin/nats-server"];
    let places = places.map(PathBuf::from).into_iter();
    let unpacked = root.join("target/nats-server/usr/sbin/nats-server");
    named
        .into_iter()
        .chain(on_path)
        .chain(places)
        .chain([unpacked])
        .find(|program| program.is_file())
        .unwrap_or_else(|| {
            panic!(
                "these tests need the program nats-server 2.9 or later, and none was found in \
                 {VARIABLE}, on PATH, in /usr/sbin or where scripts/test.sh unpacks it. On Debian \
                 and Ubuntu: apt-get install nats-server. No server needs to run; the tests start \
                 their own."
            )
        })
}
