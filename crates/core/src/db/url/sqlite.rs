//! The path and the options of a SQLite address. `scripts/sqlite-file.sh` reads the same grammar.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

const EXPECTED: &str = "must be sqlite://FILE?mode=rwc";

#[derive(Clone)]
pub(super) struct Location {
    /// `None` in memory.
    pub(super) file: Option<PathBuf>,
    pub(super) create: bool,
}

impl Location {
    /// Parses what follows `sqlite:`.
    pub(super) fn parse(rest: &str) -> Result<Self, String> {
        let (path, options) = rest.split_once('?').unwrap_or((rest, ""));
        let mode = mode(options)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        if path == ":memory:" || mode == Some("memory") {
            let file = None;
            return Ok(Self { file, create: true });
        }
        Ok(Self {
            file: Some(file(path)?),
            create: mode != Some("rw"),
        })
    }

    /// What is wrong where the file could not be opened or made.
    pub(super) fn missing(&self) -> Option<&'static str> {
        let file = self.file.as_deref()?;
        let folder = match file.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        if file.is_dir() {
            Some("must name a file, and not a directory")
        } else if !folder.is_dir() {
            Some("must name a file in a folder that exists")
        } else if !self.create && !file.exists() {
            Some("must name a file that exists; mode=rwc creates one")
        } else {
            None
        }
    }
}

fn mode(options: &str) -> Result<Option<&str>, &'static str> {
    const OPTIONS: &str = "must have mode=rwc or mode=rw as its only option after the ?";
    let mut mode = None;
    for option in options.split('&').filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some(("mode", "ro")) => return Err("must not be mode=ro: the server writes"),
            Some(("mode", found @ ("rwc" | "rw" | "memory"))) if mode.is_none() => {
                mode = Some(found);
            }
            // The default of the driver, which addresses it prints contain.
            Some(("cache", "private")) => {}
            _ => return Err(OPTIONS),
        }
    }
    Ok(mode)
}

fn file(encoded: &str) -> Result<PathBuf, &'static str> {
    const ENCODED: &str = "must write a % in its path as %25, and other characters in UTF-8";
    let mut digits = encoded.split('%').skip(1).map(|rest| rest.as_bytes());
    let is_encoded = digits.all(|rest| {
        let two = rest.get(..2);
        two.is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
    });
    if !is_encoded {
        return Err(ENCODED);
    }
    let path = percent_decode_str(encoded).decode_utf8();
    let path = path.map_err(|_| ENCODED)?;
    if path.chars().any(char::is_control) {
        return Err("must not hold control characters");
    }
    if path.starts_with("file:") {
        return Err("must hold a path, without file: before it");
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    match name {
        "" if path.is_empty() => Err(EXPECTED),
        "" | "." | ".." => Err("must name a file, and not a directory"),
        _ => Ok(Path::new(&*path).to_owned()),
    }
}
