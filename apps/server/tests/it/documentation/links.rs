//! Links between the pages, and paths and names in them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use super::root;

/// All files of these folders with this extension.
fn files(folders: &[&str], extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders: Vec<_> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == extension) {
                files.push(path);
            }
        }
    }
    files
}

/// All pages: those at the root, and those in `docs/`.
fn pages() -> Vec<PathBuf> {
    let top = fs::read_dir(root()).expect("a folder");
    let top = top.map(|entry| entry.expect("an entry").path());
    let top = top.filter(|path| path.extension().is_some_and(|it| it == "md"));
    top.chain(files(&["docs"], "md")).collect()
}

/// The page without its code, in which brackets mean something else.
fn prose(page: &str) -> String {
    let mut prose = String::new();
    for (index, part) in page.split("```").enumerate() {
        if index % 2 == 0 {
            let spans = part.split('`').enumerate();
            prose.extend(spans.filter(|(at, _)| at % 2 == 0).map(|(_, text)| text));
        }
    }
    prose
}

/// The targets of `[text](target)`.
fn targets(page: &str) -> Vec<String> {
    let prose = prose(page);
    let links = prose.split("](").skip(1);
    let targets = links.filter_map(|rest| rest.split(')').next());
    targets.map(ToOwned::to_owned).collect()
}

/// The anchors of a page's headings.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut is_code = false;
    let headings = page.lines().filter(|line| {
        is_code ^= line.starts_with("```");
        !is_code && line.starts_with('#')
    });
    let anchor = |heading: &str| {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text
            .chars()
            .filter(|&c| c.is_alphanumeric() || " -_".contains(c));
        kept.collect::<String>().replace(' ', "-")
    };
    headings.map(anchor).collect()
}

/// What is wrong with a link of a page, if anything is.
fn fault(page: &Path, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let file = if path.is_empty() {
        page.to_owned()
    } else {
        page.parent().expect("a folder").join(path)
    };
    let name = page.display();
    if !file.exists() {
        return Some(format!("{name}: {target} does not exist"));
    }
    if anchor.is_empty() {
        return None;
    }
    let text = fs::read_to_string(&file).expect("a readable file");
    let is_known = anchors(&text).contains(anchor);
    (!is_known).then(|| format!("{name}: {target} has no such heading"))
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut faults = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a readable file");
        let targets = targets(&text);
        faults.extend(targets.iter().filter_map(|target| fault(&page, target)));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Every page of `docs/` can be reached from `docs/index.md`, directly or over a link of a page that it
/// links.
#[test]
fn every_page_is_reached_from_the_index() {
    let docs = root().join("docs").canonicalize().expect("a folder");
    let mut reached = BTreeSet::new();
    let mut open = vec![docs.join("index.md")];
    while let Some(page) = open.pop() {
        if !reached.insert(page.clone()) {
            continue;
        }
        let text = fs::read_to_string(&page).expect("a readable file");
        for target in targets(&text) {
            let path = target.split('#').next().unwrap_or_default();
            let file = page.parent().expect("a folder").join(path).canonicalize();
            let is_page = |file: &PathBuf| file.extension().is_some_and(|it| it == "md");
            open.extend(file.ok().filter(is_page));
        }
    }
    for page in pages() {
        let page = page.canonicalize().expect("a file");
        let is_reached = !page.starts_with(&docs) || reached.contains(&page);
        assert!(is_reached, "no link leads to {}", page.display());
    }
}

/// The `code` of a page's prose.
fn spans(page: &str) -> Vec<String> {
    let prose = page.split("```").step_by(2);
    let spans = prose.flat_map(|part| part.split('`').skip(1).step_by(2));
    spans.map(ToOwned::to_owned).collect()
}

/// Whether a span is a path of this repository.
fn is_path(span: &str) -> bool {
    let top = ["apps/", "crates/", "migrations/", "scripts/", "docs/"];
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    top.iter().any(|top| span.starts_with(top)) && span.chars().all(is_plain)
}

#[test]
fn every_path_in_the_pages_exists() {
    let mut faults = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a readable file");
        for path in spans(&text).into_iter().filter(|span| is_path(span)) {
            if !root().join(&path).exists() {
                let hint = "write `…/name` for a file that the reader makes";
                faults.push(format!("{}: {path} does not exist; {hint}", page.display()));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// A name that is long enough to be nothing else: a test, a metric, a column, a function.
fn name(span: &str) -> Option<&str> {
    let name = span.rsplit("::").next().unwrap_or_default();
    let is_snake = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    (name.chars().all(is_snake) && name.matches('_').count() >= 3).then_some(name)
}

#[test]
fn every_long_name_in_the_pages_is_in_the_sources() {
    let sources = files(&["apps", "crates", "migrations", "scripts"], "rs");
    let sources = sources.iter().map(fs::read_to_string);
    let sources: String = sources.map(|text| text.expect("text")).collect();
    let mut faults = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a readable file");
        let spans = spans(&text);
        let names = spans.iter().filter_map(|span| name(span));
        // A library exports these; the test of metrics compares them.
        let names = names.filter(|name| !name.starts_with("process_"));
        for name in names.filter(|name| !sources.contains(*name)) {
            faults.push(format!("{}: {name} is not in the sources", page.display()));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let page = root().join("README.md");
    assert!(fault(&page, "docs/nothing.md").is_some());
    assert!(fault(&page, "docs/index.md#nothing-of-the-kind").is_some());
    assert!(fault(&page, "docs/index.md").is_none());
    assert!(fault(&page, "https://example.org/nothing").is_none());
    let text = "[a](b.md) `[c](d.md)`\n```sh\n[e](f.md)\n```\n[g](#h)";
    assert_eq!(targets(text), ["b.md", "#h"]);
    assert_eq!(spans("`a` b\n```\n`c`\n```\n`d`"), ["a", "d"]);
    assert!(is_path("crates/nothing") && !is_path("crates/…") && !is_path("a/crates"));
    assert_eq!(name("walls::a_rule_of_ours"), Some("a_rule_of_ours"));
    assert_eq!(name("short_name"), None);
    assert!(anchors("# A `page`, and more\n").contains("a-page-and-more"));
}
