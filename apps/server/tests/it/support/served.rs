//! The built program, serving.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::Child,
    thread::{self, JoinHandle},
};

use tenantry_testkit::ApiClient;

use super::{Contract, Program};

/// A started server. It is killed at the end; a test that fails prints how it fared.
pub(crate) struct Served {
    pub(crate) child: Child,
    pub(crate) lines: Vec<String>,
    /// Reads what it logs until it ends, so that it never waits for a reader.
    log: Option<JoinHandle<String>>,
}

impl Served {
    /// Starts it and reads what it prints, up to a line that holds the text.
    pub(crate) fn start(program: &Program, last: &str) -> Self {
        let mut child = program.spawn(&["serve"]);
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        // Nothing where a file takes it.
        let stderr = child.stderr.take();
        let log = stderr.map(|mut stderr| {
            thread::spawn(move || {
                let mut bytes = Vec::new();
                // What was read before it broke off is still worth showing.
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
        panic!("it ended with {end:?} after {lines:#?}\n{log}");
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

impl Drop for Served {
    fn drop(&mut self) {
        let before = self.child.try_wait();
        // It may be gone already.
        drop(self.child.kill());
        drop(self.child.wait());
        let log = self.log.take().map(JoinHandle::join);
        if thread::panicking() {
            let log = log.and_then(Result::ok).unwrap_or_default();
            eprintln!("the server at {}: {before:?}\n{log}", self.url());
        }
    }
}
