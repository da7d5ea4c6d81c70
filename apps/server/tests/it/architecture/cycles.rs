//! No import cycle between the files of a package.
//!
//! A file imports another one by a `use`, or by a path in its code. An item that a module re-exports
//! counts as imported from the file that declares it, so a module that only lists its children
//! imports none of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::workspace::File;

/// The imports of a package's files, as module paths: `db::pool` stands for `src/db/pool.rs`.
struct Imports<'w> {
    paths: BTreeMap<String, &'w str>,
    /// The names that the `use` declarations of each file bring in, and where they come from.
    names: BTreeMap<String, BTreeMap<String, String>>,
    edges: BTreeMap<String, BTreeSet<String>>,
}

/// One sentence for each cycle among the files of one package.
pub(super) fn import_cycles<'w>(files: impl Iterator<Item = &'w File>) -> Vec<String> {
    let files: Vec<_> = files
        .filter(|file| !file.path.ends_with("/tests.rs") && !file.path.contains("/tests/"))
        .map(|file| (module_of(&file.path), file))
        .collect();
    let mut imports = Imports {
        paths: files
            .iter()
            .map(|(module, file)| (module.clone(), file.path.as_str()))
            .collect(),
        names: BTreeMap::new(),
        edges: BTreeMap::new(),
    };
    let mut used = Vec::new();
    for (module, file) in &files {
        let (uses, code) = split(&file.text);
        let mut names = BTreeMap::new();
        let mut targets = Vec::new();
        for (is_public, tree) in uses {
            for (name, target) in expanded(&tree) {
                let Some(target) = imports.absolute(module, &target) else {
                    continue;
                };
                if !is_public || words(&code).any(|word| word == name) {
                    targets.push(target.clone());
                }
                names.insert(name, target);
            }
        }
        let inline = paths_in(&code);
        targets.extend(inline.filter_map(|path| imports.absolute(module, &path)));
        imports.names.insert(module.clone(), names);
        used.push((module, targets));
    }
    for (module, targets) in used {
        let files = targets.iter().map(|target| imports.file_of(target, 0));
        let edges = files.filter(|file| file != module).collect();
        imports.edges.insert(module.clone(), edges);
    }
    imports.cycles()
}

impl Imports<'_> {
    /// A path as seen from the root of the package; nothing for another package's.
    fn absolute(&self, module: &str, path: &str) -> Option<String> {
        let (first, rest) = path.split_once("::").unwrap_or((path, ""));
        match first {
            "crate" => Some(rest.to_owned()),
            "self" => Some(join(module, rest)),
            "super" => {
                let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
                if rest.starts_with("super") {
                    return self.absolute(parent, rest);
                }
                Some(join(parent, rest))
            }
            child => {
                let is_child = self.paths.contains_key(&join(module, child));
                is_child.then(|| join(module, path))
            }
        }
    }

    /// The file that declares what a path leads to.
    fn file_of(&self, path: &str, re_exports: usize) -> String {
        let mut module = String::new();
        let mut rest = path;
        while !rest.is_empty() {
            let (first, after) = rest.split_once("::").unwrap_or((rest, ""));
            let child = join(&module, first);
            if !self.paths.contains_key(&child) {
                let names = self.names.get(&module);
                let target = names.and_then(|names| names.get(first));
                return match target {
                    Some(target) if re_exports < 5 => {
                        self.file_of(&join(target, after), re_exports + 1)
                    }
                    _ => module,
                };
            }
            (module, rest) = (child, after);
        }
        module
    }

    fn cycles(&self) -> Vec<String> {
        let mut found = BTreeSet::new();
        let mut sentences = Vec::new();
        for start in self.edges.keys() {
            let Some(cycle) = self.shortest_cycle(start) else {
                continue;
            };
            if found.insert(cycle.iter().cloned().collect::<BTreeSet<_>>()) {
                let mut paths = cycle.iter().map(|module| self.paths[module]);
                let (one, other) = (paths.next().unwrap_or(""), paths.next().unwrap_or(""));
                let between: Vec<_> = paths.collect();
                let through = match between.join(", ") {
                    none if none.is_empty() => none,
                    files => format!(" through {files}"),
                };
                sentences.push(format!(
                    "{one} imports {other}, which imports it back{through}: move what both need \
                     into a file that imports neither"
                ));
            }
        }
        sentences
    }

    fn shortest_cycle(&self, start: &String) -> Option<Vec<String>> {
        let mut queue = VecDeque::from([vec![start]]);
        let mut seen = BTreeSet::new();
        while let Some(walk) = queue.pop_front() {
            for next in self.edges.get(*walk.last()?).into_iter().flatten() {
                if next == start {
                    return Some(walk.into_iter().cloned().collect());
                }
                if seen.insert(next) {
                    let mut walk = walk.clone();
                    walk.push(next);
                    queue.push_back(walk);
                }
            }
        }
        None
    }
}

fn module_of(path: &str) -> String {
    let (_, file) = path.split_once("/src/").expect("a source of a package");
    let name = file.strip_suffix(".rs").unwrap_or(file);
    let name = name.strip_suffix("/mod").unwrap_or(name);
    if name == "lib" {
        return String::new();
    }
    name.replace('/', "::")
}

fn join(module: &str, path: &str) -> String {
    match (module, path) {
        ("", path) => path.to_owned(),
        (module, "") => module.to_owned(),
        (module, path) => format!("{module}::{path}"),
    }
}

/// The `use` declarations of a file, each with whether it re-exports, and the rest of its code
/// without comments and unit tests.
fn split(text: &str) -> (Vec<(bool, String)>, String) {
    let text = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or(text);
    let mut uses = Vec::new();
    let mut code = String::new();
    let mut lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        let declaration = match trimmed.split_once("use ") {
            Some(("", tree)) => Some((false, tree)),
            Some((before, tree)) if before.starts_with("pub") && before.ends_with(' ') => {
                Some((true, tree))
            }
            _ => None,
        };
        let Some((is_public, tree)) = declaration else {
            let declares_module = trimmed.contains("mod ") && trimmed.ends_with(';');
            if !declares_module {
                code.push_str(line);
                code.push('\n');
            }
            continue;
        };
        let mut tree = tree.to_owned();
        while !tree.contains(';') {
            let Some(line) = lines.next() else { break };
            tree.push_str(line);
        }
        let tree = tree.split(';').next().unwrap_or_default();
        uses.push((is_public, tree.to_owned()));
    }
    (uses, code)
}

/// The names that a `use` tree brings in, each with its whole path.
fn expanded(tree: &str) -> Vec<(String, String)> {
    let tree = tree.trim();
    if let Some((prefix, group)) = tree.split_once('{') {
        let group = group.strip_suffix('}').unwrap_or(group);
        let items = top_level(group);
        return items
            .into_iter()
            .flat_map(|item| expanded(&format!("{}{}", prefix.trim(), item.trim())))
            .collect();
    }
    let (path, alias) = match tree.split_once(" as ") {
        Some((path, alias)) => (path.trim(), Some(alias.trim())),
        None => (tree, None),
    };
    let path = path.strip_suffix("::self").unwrap_or(path);
    let path = path.strip_suffix("::*").unwrap_or(path);
    let name = path.rsplit("::").next().unwrap_or(path);
    vec![(alias.unwrap_or(name).to_owned(), path.to_owned())]
}

/// The items of a group, split at the commas outside inner groups.
fn top_level(group: &str) -> Vec<String> {
    let mut items = vec![String::new()];
    let mut depth = 0;
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if letter == ',' && depth == 0 {
            items.push(String::new());
        } else if let Some(item) = items.last_mut() {
            item.push(letter);
        }
    }
    items.retain(|item| !item.trim().is_empty());
    items
}

fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
}

/// The paths that code spells out. One of a macro (`$crate::…`) belongs to its callers.
fn paths_in(code: &str) -> impl Iterator<Item = String> {
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | ':' | '$');
    code.split(move |letter: char| !is_part(letter))
        .map(|path| path.trim_matches(':'))
        .filter(|path| path.contains("::") && !path.contains('$'))
        .map(str::to_owned)
}
