//! The input of the rules: packages, their dependencies and sources.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// The workspace as data, so that a test can add a violation.
#[derive(Clone)]
pub(super) struct Workspace {
    pub(super) dependencies: Vec<Dependency>,
    pub(super) features: Vec<Feature>,
    pub(super) files: Vec<File>,
    /// Every `clippy.toml`, by its path from the root.
    pub(super) lint_settings: Vec<String>,
}

#[derive(Clone)]
pub(super) struct Dependency {
    pub(super) package: String,
    pub(super) on: String,
    pub(super) for_tests_only: bool,
    pub(super) features: Vec<String>,
}

#[derive(Clone)]
pub(super) struct Feature {
    pub(super) package: String,
    pub(super) name: String,
    pub(super) switches_on: Vec<String>,
}

/// A Rust source; `module` is the package's folder, such as `crates/projects`.
#[derive(Clone)]
pub(super) struct File {
    pub(super) module: String,
    pub(super) path: String,
    pub(super) text: String,
}

impl Workspace {
    pub(super) fn read() -> Self {
        let root = root();
        let metadata = metadata(&root);
        let packages = metadata["packages"].as_array().expect("packages");
        let mut workspace = Self {
            dependencies: Vec::new(),
            features: Vec::new(),
            files: Vec::new(),
            lint_settings: lint_settings(&root),
        };
        for package in packages {
            let name = text(&package["name"]);
            for dependency in package["dependencies"].as_array().expect("dependencies") {
                workspace.dependencies.push(Dependency {
                    package: name.clone(),
                    on: text(&dependency["name"]),
                    for_tests_only: dependency["kind"] == "dev",
                    features: texts(&dependency["features"]),
                });
            }
            for (feature, switched_on) in package["features"].as_object().expect("features") {
                workspace.features.push(Feature {
                    package: name.clone(),
                    name: feature.clone(),
                    switches_on: texts(switched_on),
                });
            }
            let manifest = PathBuf::from(text(&package["manifest_path"]));
            let folder = manifest.parent().expect("a manifest has a folder");
            let module = relative(&root, folder);
            workspace.collect(&root, &module, &folder.join("src"));
        }
        assert!(workspace.files.len() > 50, "the sources were not found");
        workspace
    }

    fn collect(&mut self, root: &Path, module: &str, folder: &Path) {
        for entry in fs::read_dir(folder).expect("a source folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                self.collect(root, module, &path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                self.files.push(File {
                    module: module.to_owned(),
                    path: relative(root, &path),
                    text: fs::read_to_string(&path).expect("a source file"),
                });
            }
        }
    }
}

/// Searches everything except for `.git` and `target`.
fn lint_settings(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a writable directory") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default();
            if name == "clippy.toml" || name == ".clippy.toml" {
                found.push(relative(root, &path));
            } else if path.is_dir() && name != ".git" && name != "target" {
                folders.push(path);
            }
        }
    }
    found
}

pub(super) fn root() -> PathBuf {
    let server = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = server
        .ancestors()
        .nth(2)
        .expect("two folders below the root");
    root.to_owned()
}

fn metadata(root: &Path) -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .current_dir(root)
        .output()
        .expect("cargo runs");
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

fn relative(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).expect("inside the workspace");
    path.display().to_string()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().expect("a list").iter().map(text).collect()
}
