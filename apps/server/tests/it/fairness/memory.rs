//! The memory of the server and of the database, from `/proc`.

use std::fs;

use tenantry_testkit::{Backend, TestDatabase};

use crate::support::ServerProcess;

/// Resident memory in MB.
#[derive(Clone, Copy)]
pub(super) struct Memory {
    pub(super) server: u64,
    /// Of all backends of Postgres, without what they share; 0 on SQLite.
    pub(super) database: u64,
}

impl Memory {
    pub(super) async fn of(server: &ServerProcess, database: &TestDatabase) -> Self {
        let backends = match database.backend() {
            Backend::Sqlite => Vec::new(),
            Backend::Postgres => {
                let pids = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()
                            AND pid <> pg_backend_pid()";
                database.query(pids).await
            }
        };
        let pids = backends.iter().filter_map(|row| row["pid"].as_u64());
        let kilobytes: u64 = pids.map(|pid| kilobytes(pid, "RssAnon:")).sum();
        Self {
            server: kilobytes_of(server) / 1024,
            database: kilobytes / 1024,
        }
    }

    pub(super) fn max(self, other: Self) -> Self {
        Self {
            server: self.server.max(other.server),
            database: self.database.max(other.database),
        }
    }
}

fn kilobytes_of(server: &ServerProcess) -> u64 {
    kilobytes(server.child.id().into(), "VmRSS:")
}

/// A line of a process's status; 0 if the process has ended.
fn kilobytes(pid: u64, line: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let value = text.lines().find_map(|found| found.strip_prefix(line));
    let value = value.and_then(|value| value.split_whitespace().next()?.parse().ok());
    value.unwrap_or_default()
}
