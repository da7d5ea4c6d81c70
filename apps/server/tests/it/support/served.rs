//! The built program, serving.

use std::{
    io::{BufRead as _, BufReader},
    process::Child,
};

use tenantry_testkit::ApiClient;

use super::Program;

/// A started server; killed if the test fails.
pub(crate) struct Served {
    pub(crate) child: Child,
    pub(crate) lines: Vec<String>,
}

impl Served {
    /// Starts it and reads what it prints, up to a line that holds the text.
    pub(crate) fn start(program: &Program, last: &str) -> Self {
        let mut child = program.spawn(&["serve"]);
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let mut lines = Vec::new();
        for line in stdout.lines() {
            lines.push(line.expect("text"));
            if lines.iter().any(|line| line.contains(last)) {
                return Self { child, lines };
            }
        }
        panic!("it ended with {:?} after {lines:#?}", child.wait());
    }

    pub(crate) fn url(&self) -> &str {
        let url = self.lines[0].split_whitespace().last();
        url.expect("the first line ends with the address")
    }

    /// A client of the server, with an empty cookie jar.
    pub(crate) fn client(&self) -> ApiClient {
        ApiClient::new(self.url())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may be gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
