//! The built binary, serving.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::Child,
    thread::{self, JoinHandle},
};

use tenantry_testkit::ApiClient;

use super::{Contract, Program};

/// A running server process. Killed on drop; a failing test prints its log.
pub(crate) struct ServerProcess {
    pub(crate) child: Child,
    pub(crate) lines: Vec<String>,
    /// Drains stderr until the process exits, so that the pipe never blocks it.
    log: Option<JoinHandle<String>>,
}

impl ServerProcess {
    /// Starts the server and reads its standard output up to the line that contains `last`.
    pub(crate) fn start(program: &Program, last: &str) -> Self {
        let mut child = program.spawn(&["serve"]);
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        // `None` if it is redirected to a file.
        let stderr = child.stderr.take();
        let log = stderr.map(|mut stderr| {
            thread::spawn(move || {
                let mut bytes = Vec::new();
                // A partial log is still worth printing.
                drop(stderr.read_to_end(&mut bytes));
                String::from_utf8_lossy(&bytes).into_owned()
            })
        });
        let mut lines = Vec::new();
        for line in stdout.lines() {
            lines.push(line.expect("text"));
            if lines.iter().any(|line| line.contains(last)) {
                return Self { child, lines, log };
            }
        }
        let end = child.wait();
        let log = log.map(JoinHandle::join).and_then(Result::ok);
        let log = log.unwrap_or_default();
        panic!("the server exited with {end:?} after {lines:#?}\n{log}");
    }

    pub(crate) fn url(&self) -> &str {
        let url = self.lines[0].split_whitespace().last();
        url.expect("the first line ends with the address")
    }

    /// A client of the server, with an empty cookie jar.
    pub(crate) fn client(&self) -> ApiClient {
        Contract::watch(ApiClient::new(self.url()))
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let before = self.child.try_wait();
        // It may have exited already.
        drop(self.child.kill());
        drop(self.child.wait());
        let log = self.log.take().map(JoinHandle::join);
        if thread::panicking() {
            let log = log.and_then(Result::ok).unwrap_or_default();
            eprintln!("the server at {}: {before:?}\n{log}", self.url());
        }
    }
}
