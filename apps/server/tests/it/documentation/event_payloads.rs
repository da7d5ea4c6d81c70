//! The reference of event payloads, which only grows: stored events are read by it.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    fmt::Write as _,
    fs,
};

use serde_json::Value;
use tenantry::app;
use tenantry_core::event::EventInfo;

use super::{RENEW, compare, root};

const PAGE: &str = "event-payloads.md";

/// Name and version.
type Key = (String, u16);

/// A type of a payload, in one word or a few. The words of an enumeration may grow, so they are text.
fn shape(schema: &Value) -> String {
    let joined = |shapes: Vec<String>| {
        let unique: BTreeSet<_> = shapes.into_iter().collect();
        unique.into_iter().collect::<Vec<_>>().join(" or ")
    };
    for keyword in ["oneOf", "anyOf"] {
        if let Some(schemas) = schema[keyword].as_array() {
            return joined(schemas.iter().map(shape).collect());
        }
    }
    if let Some(types) = schema["type"].as_array() {
        let shapes = types.iter().map(|one| {
            let mut schema = schema.clone();
            schema["type"] = one.clone();
            shape(&schema)
        });
        return joined(shapes.collect());
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("string"), Some(format)) => format.to_owned(),
        (Some("string"), None) => "text".to_owned(),
        (Some("array"), _) => format!("list of {}", shape(&schema["items"])),
        (Some("object"), _) => fields(schema),
        (Some(other), _) => other.to_owned(),
        (None, _) => "any value".to_owned(),
    }
}

fn fields(schema: &Value) -> String {
    let properties = schema["properties"].as_object();
    let fields = properties.into_iter().flatten();
    let fields: BTreeMap<_, _> = fields.map(|(name, schema)| (name, shape(schema))).collect();
    let fields = fields
        .iter()
        .map(|(name, shape)| format!("`{name}` {shape}"));
    fields.collect::<Vec<_>>().join(", ")
}

/// A row without its key.
fn row(event: &EventInfo) -> String {
    let payload = fields((event.schema)().as_value());
    format!("{} | {} | {payload} |", event.stream, event.kind.as_str())
}

fn declared() -> BTreeMap<Key, String> {
    let events = app::events();
    let rows = events
        .iter()
        .map(|event| ((event.name.to_owned(), event.version), row(event)));
    rows.collect()
}

/// The rows of the page.
fn pinned(page: &str) -> BTreeMap<Key, String> {
    let rows = page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.splitn(3, " | ");
        let name = cells.next()?.trim_end_matches('`').to_owned();
        Some((
            (name, cells.next()?.parse().ok()?),
            cells.next()?.to_owned(),
        ))
    });
    rows.collect()
}

/// The pinned rows with those of new events; a sentence for each event that changed in place.
fn merged(
    mut pinned: BTreeMap<Key, String>,
    declared: BTreeMap<Key, String>,
) -> Result<BTreeMap<Key, String>, Vec<String>> {
    let mut changed = Vec::new();
    for (name, version) in pinned.keys() {
        if !declared
            .keys()
            .any(|(other, new)| other == name && new >= version)
        {
            changed.push(format!("{name} {version} is no longer declared"));
        }
    }
    for (key, row) in declared {
        match pinned.entry(key) {
            Entry::Vacant(vacant) => drop(vacant.insert(row)),
            Entry::Occupied(known) if *known.get() == row => {}
            Entry::Occupied(known) => {
                let ((name, version), before) = (known.key(), known.get());
                changed.push(format!("{name} {version}\nwas {before}\nis  {row}"));
            }
        }
    }
    if changed.is_empty() {
        Ok(pinned)
    } else {
        Err(changed)
    }
}

fn generated(rows: &BTreeMap<Key, String>) -> String {
    let mut text = format!(
        "# Event payloads\n\n\
         For authors of listeners and of consumers of [the relay](consuming-events.md): every version of\n\
         every event that was ever recorded. Deployments have them stored in this form, so a row never\n\
         changes: another form is another version. Generated from the `EVENTS` of each module;\n\
         `{RENEW}` adds the rows of new events.\n\n\
         | event | version | stream | kind | payload |\n|---|---|---|---|---|\n"
    );
    for ((name, version), row) in rows {
        writeln!(text, "| `{name}` | {version} | {row}").expect("text grows");
    }
    text
}

#[test]
fn the_payload_of_an_event_keeps_its_form() {
    let page = fs::read_to_string(root().join("docs").join(PAGE)).unwrap_or_default();
    let rows = merged(pinned(&page), declared()).unwrap_or_else(|changed| {
        panic!(
            "events changed, and readers of stored ones break. Restore them, and declare the change as \
             a new VERSION:\n{}",
            changed.join("\n")
        )
    });
    compare(PAGE, &generated(&rows));
}

#[test]
fn a_changed_a_removed_and_a_new_event_are_distinguished() {
    let rows = |rows: &[(&str, u16, &str)]| {
        let rows = rows
            .iter()
            .map(|(name, version, row)| ((String::from(*name), *version), String::from(*row)));
        rows.collect::<BTreeMap<_, _>>()
    };
    let before = rows(&[("a.made", 1, "x"), ("a.gone", 1, "x")]);
    let grown = rows(&[("a.made", 2, "y"), ("a.gone", 1, "x"), ("a.new", 1, "z")]);
    let all = rows(&[
        ("a.made", 1, "x"),
        ("a.made", 2, "y"),
        ("a.gone", 1, "x"),
        ("a.new", 1, "z"),
    ]);
    assert_eq!(merged(before.clone(), grown), Ok(all));
    let changed = merged(
        before.clone(),
        rows(&[("a.made", 1, "y"), ("a.gone", 1, "x")]),
    );
    assert_eq!(
        changed.expect_err("changed in place"),
        ["a.made 1\nwas x\nis  y"]
    );
    let removed = merged(before, rows(&[("a.made", 1, "x")]));
    assert_eq!(
        removed.expect_err("removed"),
        ["a.gone 1 is no longer declared"]
    );
}
