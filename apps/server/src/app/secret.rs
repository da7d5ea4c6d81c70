//! The secret behind sessions and cursors.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use secrecy::SecretString;
use tenantry_core::runtime::Runtime;

use crate::{
    Failure,
    settings::{SECRET_BYTES, Settings},
};

/// The secret from the settings, or, for the embedded database, the one in a file beside it, which
/// the first start creates.
pub(super) fn session_secret(
    settings: &Settings,
    runtime: &Runtime,
) -> Result<SecretString, Failure> {
    if let Some(secret) = &settings.session.secret {
        return Ok(secret.clone());
    }
    let database = settings.database.url.file();
    let database = database.expect("without a secret, the settings are valid only for SQLite");
    let path = secret_beside(database);
    let stored = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            create(&path, runtime).and_then(|()| fs::read_to_string(&path))
        }
        found => found,
    };
    let shown = path.display();
    let text = stored.map_err(|error| {
        Failure::caused_by(
            format!("the session secret in {shown} can't be kept"),
            &error,
        )
    })?;
    let text = text.trim_end();
    if text.len() < SECRET_BYTES {
        return Err(Failure::Failed(format!(
            "{shown} holds less than {SECRET_BYTES} bytes; delete it to get a new secret, \
             which ends all sessions"
        )));
    }
    Ok(text.into())
}

/// The file with the secret of an embedded database.
pub(crate) fn secret_beside(database: &Path) -> PathBuf {
    beside(database, ".secret")
}

/// Creates the file with a new secret, unless another process was first.
fn create(path: &Path, runtime: &Runtime) -> io::Result<()> {
    // Written under a temporary name, then linked to the final one: no process reads a partial
    // secret, and of two that start at the same time one wins.
    let draft = beside(path, &format!(".{}", runtime.random_token(12)));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    let written = writeln!(file, "{}", runtime.random_token(SECRET_BYTES));
    let linked = written.and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}
