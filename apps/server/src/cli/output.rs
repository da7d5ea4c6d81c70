//! What commands print: aligned text for people, JSON for programs.

use std::io::{ErrorKind, Write as _, stdout};

use chrono::SecondsFormat;
use serde::Serialize;
use tenantry_core::clock::Timestamp;

use crate::Failure;

/// Prints text. A closed pipe is not an error: the reader has read enough.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::caused_by(
            "standard output can't be written",
            &error,
        )),
        _ => Ok(()),
    }
}

/// Prints a value as JSON.
pub(super) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    print(&serde_json::to_string_pretty(value).expect("what is printed is plain data"))
}

/// Prints JSON with `--json`, else text.
pub(super) fn answer(
    json: bool,
    value: &impl Serialize,
    text: impl FnOnce() -> String,
) -> Result<(), Failure> {
    if json {
        print_json(value)
    } else {
        print(&text())
    }
}

/// Milliseconds as seconds, such as `1.5 s`.
pub(super) fn seconds(millis: i64) -> String {
    format!("{}.{} s", millis / 1000, millis % 1000 / 100)
}

/// A time in RFC 3339, to the second.
pub(super) fn moment(time: Timestamp) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Rows with aligned columns, under a head.
pub(super) fn table<const N: usize>(head: [&str; N], rows: Vec<[String; N]>) -> String {
    let head = head.map(str::to_uppercase);
    let lines: Vec<_> = std::iter::once(head).chain(rows).collect();
    columns(&lines)
}

/// Rows with aligned columns, a line each. Control characters become spaces.
pub(super) fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let plain = |cell: &String| cell.replace(char::is_control, " ");
    let rows: Vec<_> = rows.iter().map(|row| row.each_ref().map(plain)).collect();
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            line.push_str(&format!("{cell:width$}  "));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_in_a_cell_become_spaces() {
        let rows = [["a\u{1b}[31m\nb".to_owned()]];
        assert_eq!(columns(&rows), "a [31m b\n");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![["é".to_owned(), "x".to_owned()]];
        assert_eq!(table(["name", "id"], rows), "NAME  ID\né     x\n");
    }
}
