//! The built binary, run as a child process.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tenantry_testkit::TestDatabase;

use super::{SECRET, UNLIMITED};

/// The binary and its environment: the test's database, nothing inherited from this process.
pub(crate) struct Program {
    variables: Vec<(String, String)>,
    folder: PathBuf,
    log: Option<PathBuf>,
    stdout: Option<PathBuf>,
}

/// The exit code and output of a command.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Program {
    /// The program on the test's database.
    pub(crate) fn on(database: &TestDatabase) -> Self {
        let bare = Self::bare();
        let unlimited = UNLIMITED.into_iter();
        unlimited
            .fold(bare, |program, (name, value)| program.with(name, value))
            .with("DATABASE_URL", database.url())
            .with("TENANTRY__DATABASE__MIGRATION_URL", database.owner_url())
            .with("TENANTRY__SESSION__SECRET", SECRET)
    }

    /// The program without settings, in a directory without settings files.
    pub(crate) fn bare() -> Self {
        Self {
            variables: Vec::new(),
            folder: PathBuf::from(env!("CARGO_TARGET_TMPDIR")),
            log: None,
            stdout: None,
        }
    }

    /// Redirects the log of a spawned command to this file.
    pub(crate) fn logging_to(mut self, file: &Path) -> Self {
        self.log = Some(file.to_owned());
        self
    }

    /// Redirects the standard output of a spawned command to this file.
    pub(crate) fn printing_to(mut self, file: &Path) -> Self {
        self.stdout = Some(file.to_owned());
        self
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn in_folder(mut self, folder: PathBuf) -> Self {
        self.folder = folder;
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
        command
            .args(arguments)
            .env_clear()
            .envs(self.variables.iter().cloned())
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Starts a command in the background.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        if let Some(file) = &self.log {
            command.stderr(File::create(file).expect("a writable directory"));
        }
        if let Some(file) = &self.stdout {
            command.stdout(File::create(file).expect("a writable directory"));
        }
        command.spawn().expect("the program was built")
    }

    /// Runs a command to completion.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, "")
    }

    /// Runs a command with text on standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], stdin: &str) -> Output {
        let mut command = self.command(arguments);
        let mut child = command
            .stdin(Stdio::piped())
            .spawn()
            .expect("the program was built");
        let mut pipe = child.stdin.take().expect("piped");
        // A command that does not read its input may have exited already.
        drop(pipe.write_all(stdin.as_bytes()));
        drop(pipe);
        let output = child.wait_with_output().expect("it ends");
        Output {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }
}

impl Output {
    /// Asserts the exit code.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}
