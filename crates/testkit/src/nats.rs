//! A nats-server of a test's own.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;

/// Names the program, before all other places are looked at.
const VARIABLE: &str = "TENANTRY_TEST_NATS_SERVER";

/// It ends with whoever has the other end of its standard input, however that one ends.
const UNTIL_THE_END: &str = r#""$@" & server=$!; cat; kill -9 "$server"; wait "$server""#;

/// A running nats-server with JetStream in a folder of its own.
pub struct NatsServer {
    folder: PathBuf,
    settings: &'static str,
    port: String,
    monitor: String,
    process: Option<Child>,
}

impl NatsServer {
    /// A server with the usual settings, which listens by now.
    ///
    /// # Panics
    /// When it can't be started.
    #[must_use]
    pub fn start() -> Self {
        Self::with("")
    }

    /// A server with more settings than the usual ones.
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
            // Any that is free.
            port: "-1".to_owned(),
            monitor: String::new(),
            process: None,
        };
        broker.go_on();
        broker
    }

    /// Starts it again where it was, with what it kept.
    ///
    /// # Panics
    /// When it can't be started.
    pub fn go_on(&mut self) {
        fs::create_dir_all(&self.folder).expect("a writable folder");
        let config = self.folder.join("nats.conf");
        fs::write(&config, self.settings).expect("a writable folder");
        let ports = self.folder.join("ports");
        drop(fs::remove_dir_all(&ports));
        fs::create_dir(&ports).expect("a writable folder");
        let child = Command::new("sh")
            .args(["-c", UNTIL_THE_END, "sh"])
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
            .arg(self.folder.join("kept"))
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
        let begun = Instant::now();
        while !self.listens(&ports) {
            if begun.elapsed() > Duration::from_secs(60) {
                let log = fs::read_to_string(self.folder.join("log"));
                panic!("nats-server does not start: {log:?}");
            }
            sleep(Duration::from_millis(20));
        }
    }

    fn listens(&mut self, ports: &Path) -> bool {
        let mut files = fs::read_dir(ports).expect("its folder");
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

    /// Ends it in the middle of whatever it does.
    ///
    /// # Panics
    /// When the operating system can't tell of its end.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            drop(process.stdin.take());
            process.wait().expect("it ends");
        }
    }

    /// Where it listens: a host and a port.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Where it tells of itself over HTTP.
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
/// When there is none. A test that needs it is never skipped in silence.
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
