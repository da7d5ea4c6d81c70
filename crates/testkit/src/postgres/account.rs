//! The account that the cluster runs under, because Postgres refuses to run as root.

use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt as _},
    path::Path,
    process::Command,
};

use crate::shared_dir;

/// An unprivileged account of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Account {
    uid: u32,
    gid: u32,
}

impl Account {
    /// The account to switch to; `None` unless this process runs as root.
    pub(super) fn to_change_to() -> Option<Self> {
        if shared_dir::user() != 0 {
            return None;
        }
        let accounts = fs::read_to_string("/etc/passwd").expect("/etc/passwd can be read");
        let found = Self::named("postgres", &accounts).or_else(|| Self::named("nobody", &accounts));
        Some(found.expect("root needs an account named postgres to run Postgres under"))
    }

    fn named(name: &str, accounts: &str) -> Option<Self> {
        let mut fields = accounts
            .lines()
            .map(|line| line.split(':'))
            .find_map(|mut fields| (fields.next() == Some(name)).then_some(fields))?
            .skip(1);
        let uid = fields.next()?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Self { uid, gid })
    }

    /// Makes the command run under the account.
    pub(super) fn run(self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
    }

    /// Gives a file or folder to the account.
    pub(super) fn own(self, path: &Path) {
        chown(path, Some(self.uid), Some(self.gid))
            .unwrap_or_else(|error| panic!("can't give {} away: {error}", path.display()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let accounts = "root:x:0:0::/:/bin/sh\npostgres2:x:7:8::/:\npostgres:x:101:104:a,b:/:\n";
        let expected = Account { uid: 101, gid: 104 };
        assert_eq!(Account::named("postgres", accounts), Some(expected));
        assert_eq!(Account::named("nobody", accounts), None);
    }
}
