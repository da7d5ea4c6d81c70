//! The table as text.

use std::fmt;

use super::expected::{Ownership, Target};

/// The statuses: a line for each route and kind of target, a column for each caller.
pub(super) struct Report {
    columns: Vec<&'static str>,
    lines: Vec<Line>,
}

#[derive(Clone)]
struct Line {
    route: String,
    headers: Vec<String>,
    ids: Vec<String>,
    statuses: Vec<u16>,
}

impl Report {
    pub(super) fn new(columns: Vec<&'static str>) -> Self {
        Self {
            columns,
            lines: Vec::new(),
        }
    }

    /// Adds a line. Lines of a route with equal statuses are merged.
    pub(super) fn add(&mut self, route: String, target: Target, statuses: Vec<u16>) {
        let ids: Vec<_> = target.ids.iter().copied().map(name).collect();
        let line = Line {
            route,
            headers: vec![target.header.map_or("none", name).to_owned()],
            ids: vec![ids.join(" and ")],
            statuses,
        };
        match self.lines.last_mut() {
            Some(last) if last.has_same_result(&line) && last.headers == line.headers => {
                last.ids.extend(line.ids);
            }
            _ => self.lines.push(line),
        }
    }

    fn merged(&self) -> Vec<Line> {
        let mut merged: Vec<Line> = Vec::new();
        for line in &self.lines {
            match merged.last_mut() {
                Some(last) if last.has_same_result(line) && last.ids == line.ids => {
                    last.headers.extend_from_slice(&line.headers);
                }
                _ => merged.push(line.clone()),
            }
        }
        merged
    }
}

impl Line {
    fn has_same_result(&self, other: &Self) -> bool {
        self.route == other.route && self.statuses == other.statuses
    }
}

/// A leading column: its title, and its text for a line.
type LeadingColumn = (&'static str, fn(&Line) -> String);

const fn name(ownership: Ownership) -> &'static str {
    match ownership {
        Ownership::Own => "own",
        Ownership::Foreign => "foreign",
        Ownership::Random => "random",
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.merged();
        let longest = |of: fn(&Line) -> String, title: &str| {
            let lengths = lines.iter().map(|line| of(line).len());
            lengths.max().unwrap_or_default().max(title.len())
        };
        let first: [LeadingColumn; 3] = [
            ("route", |line| line.route.clone()),
            ("header", |line| line.headers.join(", ")),
            ("ids", |line| line.ids.join(", ")),
        ];
        let widths = first.map(|(title, of)| longest(of, title));
        for ((title, _), width) in first.iter().zip(widths) {
            write!(f, "| {title:width$} ")?;
        }
        writeln!(f, "| {} |", self.columns.join(" | "))?;
        writeln!(f, "{}|", "|---".repeat(first.len() + self.columns.len()))?;
        for line in &lines {
            for ((_, of), width) in first.iter().zip(widths) {
                write!(f, "| {:width$} ", of(line))?;
            }
            for (column, status) in self.columns.iter().zip(&line.statuses) {
                write!(f, "| {status:<width$} ", width = column.len())?;
            }
            writeln!(f, "|")?;
        }
        Ok(())
    }
}
