//! The rules. Each returns one sentence for each violation, which says what to do instead.

use std::collections::BTreeSet;

use super::{
    cycles::import_cycles,
    workspace::{File, Workspace},
};

/// The allowed dependencies between the workspace's packages.
const ALLOWED: &[(&str, &[&str])] = &[
    ("tenantry-core", &[]),
    ("tenantry-migrations", &["tenantry-core"]),
    ("tenantry-http", &["tenantry-core"]),
    ("tenantry-domain-events", &["tenantry-core"]),
    (
        "tenantry-organizations",
        &[
            "tenantry-core",
            "tenantry-http",
            "tenantry-domain-events",
            "tenantry-module",
            "tenantry-users",
        ],
    ),
    (
        "tenantry-mail",
        &[
            "tenantry-core",
            "tenantry-domain-events",
            "tenantry-module",
            "tenantry-users",
            "tenantry-organizations",
        ],
    ),
    (
        "tenantry-web",
        &[
            "tenantry-core",
            "tenantry-http",
            "tenantry-audit",
            "tenantry-domain-events",
            "tenantry-module",
            "tenantry-users",
            "tenantry-organizations",
            "tenantry-projects",
        ],
    ),
    (
        "tenantry-module",
        &["tenantry-core", "tenantry-http", "tenantry-domain-events"],
    ),
    (
        "tenantry-testkit",
        &[
            "tenantry-core",
            "tenantry-domain-events",
            "tenantry-migrations",
        ],
    ),
];

/// What any other module may depend on. The composition root may depend on everything.
const ANY_MODULE: &[&str] = &[
    "tenantry-core",
    "tenantry-http",
    "tenantry-domain-events",
    "tenantry-module",
];
const COMPOSITION_ROOT: &str = "tenantry";

/// Database libraries, and the packages that may depend on them.
const DATABASE_LIBRARIES: &[&str] = &[
    "sea-orm",
    "sea-orm-migration",
    "sea-query",
    "sea-query-sqlx",
    "sqlx",
    "sqlx-core",
];
const DATABASE_OWNERS: &[&str] = &["tenantry-core", "tenantry-migrations", "tenantry-testkit"];

/// Restricted items, the folders and files that may use them, and what others do instead.
const RESTRICTED: &[(&str, &[&str], &str)] = &[
    (
        "ContextIssuer",
        &["crates/core", "crates/organizations", "crates/testkit"],
        "take a `TenantContext` or a `Caller` as an argument instead of making one",
    ),
    (
        "Database::open",
        &["crates/core", "crates/testkit", "apps/server"],
        "take the `Database` as a dependency of your service",
    ),
    (
        "DeliveryQueue",
        &[
            "crates/core",
            "crates/domain_events",
            "crates/testkit",
            "apps/server",
        ],
        "write a `Listener` and register it in your `subscribe(bus)`",
    ),
    (
        "cross_tenant",
        // A view with one count for each organization.
        &[
            "crates/core",
            "crates/organizations",
            "crates/projects/src/usage.rs",
        ],
        "declare the entity with `tenant_entity!` and read it through `TenantRows`",
    ),
    (
        "ContextJoins",
        &["crates/core", "crates/organizations"],
        "read with `one` and `all`",
    ),
    (
        "sea_query",
        &["crates/core", "crates/testkit", "migrations"],
        "build conditions with `Filter` and `ColumnFilter`",
    ),
    (
        "clippy::disallowed_methods",
        &["crates/core", "crates/testkit", "migrations"],
        "do what the lint says; only the query layer may do what it forbids",
    ),
    (
        "TenantTable",
        &["crates/core", "crates/organizations"],
        "delete rows with `rows.delete::<Entity>()`",
    ),
    (
        "find_by_statement",
        &["crates/core"],
        "build the query with `rows.find::<Entity>()`",
    ),
];

/// Tables and views that another module may read, because their owner publishes them.
const PUBLISHED: &[(&str, &str)] = &[
    ("live_sessions", "crates/organizations"),
    ("active_users", "crates/organizations"),
    ("event_log", "crates/audit"),
    ("personal_events", "crates/audit"),
];

pub(super) fn broken_in(workspace: &Workspace) -> Vec<String> {
    let mut broken = edges(workspace);
    broken.extend(database_libraries(workspace));
    broken.extend(fault_features(workspace));
    for file in &workspace.files {
        broken.extend(restricted(file));
        broken.extend(public_surface(file));
        broken.extend(http_below_the_handlers(file));
    }
    let packages: BTreeSet<_> = workspace.files.iter().map(|file| &file.module).collect();
    for package in packages {
        let files = workspace.files.iter();
        broken.extend(import_cycles(files.filter(|file| file.module == *package)));
    }
    broken.extend(tables(workspace));
    broken.extend(global_tenants(workspace));
    broken.extend(lint_settings(workspace));
    broken
}

fn edges(workspace: &Workspace) -> Vec<String> {
    let ours = |name: &str| name.starts_with("tenantry");
    let edges = workspace.dependencies.iter().filter(|edge| {
        let for_tests = edge.for_tests_only && edge.on == "tenantry-testkit";
        ours(&edge.on) && edge.package != COMPOSITION_ROOT && !for_tests
    });
    edges
        .filter(|edge| {
            let row = ALLOWED.iter().find(|(package, _)| *package == edge.package);
            let allowed = row.map_or(ANY_MODULE, |(_, allowed)| allowed);
            !allowed.contains(&edge.on.as_str())
        })
        .map(|edge| {
            format!(
                "{} must not depend on {}: react to its domain events, or let the composition \
                 root hand in a trait that you declare",
                edge.package, edge.on
            )
        })
        .collect()
}

fn database_libraries(workspace: &Workspace) -> Vec<String> {
    let edges = workspace.dependencies.iter().filter(|edge| {
        DATABASE_LIBRARIES.contains(&edge.on.as_str())
            && !DATABASE_OWNERS.contains(&edge.package.as_str())
    });
    edges
        .map(|edge| {
            format!(
                "{} must not depend on {}: with it a query could leave its organization; use \
                 `tenantry_core::orm` for entities and `tenantry_core::db` for rows",
                edge.package, edge.on
            )
        })
        .collect()
}

/// Features that remove a protection on purpose, for one test only.
const FAULT_FEATURES: &[&str] = &["mutants"];

fn fault_features(workspace: &Workspace) -> Vec<String> {
    let is_fault = |feature: &String| {
        let name = feature.rsplit('/').next();
        name.is_some_and(|name| FAULT_FEATURES.contains(&name))
    };
    let dependencies = workspace.dependencies.iter();
    let dependencies = dependencies.filter(|edge| edge.features.iter().any(is_fault));
    let features = workspace.features.iter();
    let features = features.filter(|feature| feature.switches_on.iter().any(is_fault));
    dependencies
        .map(|edge| (&edge.package, &edge.on))
        .chain(features.map(|feature| (&feature.package, &feature.name)))
        .map(|(package, by)| {
            format!(
                "{package} removes a protection by {by}: leave {} to the tests that need it",
                FAULT_FEATURES.join(" and ")
            )
        })
        .collect()
}

fn restricted(file: &File) -> Vec<String> {
    let code = code(&file.text);
    let used = RESTRICTED.iter().filter(|(word, places, _)| {
        let allowed = [&file.module, &file.path];
        code.contains(word) && !allowed.iter().any(|place| places.contains(&place.as_str()))
    });
    used.map(|(word, _, instead)| format!("{} must not use `{word}`: {instead}", file.path))
        .collect()
}

/// `lib.rs` is a table of contents, and entities are private.
fn public_surface(file: &File) -> Vec<String> {
    let code = code(&file.text);
    let mut broken = Vec::new();
    if file.path.ends_with("src/lib.rs") {
        let mut inside_braces = false;
        for line in code.lines().map(str::trim) {
            let listed = ["mod ", "pub mod ", "pub use ", "#[", "#!["];
            let continues = inside_braces || line.is_empty();
            if !continues && !listed.iter().any(|start| line.starts_with(start)) {
                broken.push(format!(
                    "{} contains `{line}`: lib.rs is a table of contents; move it into a file of \
                     its own and re-export it",
                    file.path
                ));
            }
            if line.starts_with("pub use ") {
                inside_braces = !line.ends_with(';');
            } else if line.starts_with("#![") {
                inside_braces = !line.ends_with(']');
            } else if line.ends_with(';') || line.ends_with(")]") {
                inside_braces = false;
            }
        }
    }
    // In core, `entity` is a path that SeaORM's derives name; it holds no table.
    let is_module = file.module.starts_with("crates/") && file.module != "crates/core";
    if is_module && (code.contains("pub mod entity") || code.contains("pub use entity")) {
        broken.push(format!(
            "{} publishes its entities: keep them private and return a type of your own",
            file.path
        ));
    }
    broken
}

/// A module's service, store, entities and model serve the command line and listeners as well as
/// requests.
fn http_below_the_handlers(file: &File) -> Option<String> {
    let (_, inside) = file.path.split_once("/src/")?;
    let is_below = inside.split('/').any(|part| {
        let name = part.strip_suffix(".rs").unwrap_or(part);
        ["service", "store", "entity", "model"].contains(&name)
    });
    let is_module = file.module.starts_with("crates/");
    let code = code(&file.text);
    let library = ["tenantry_http", "actix"];
    let library = library.iter().find(|library| code.contains(*library))?;
    (is_module && is_below).then(|| {
        format!(
            "{} must not use `{library}`: leave requests and responses to the module's http.rs",
            file.path
        )
    })
}

/// No module names another module's table. A table belongs to the module that its migration's
/// file name starts with.
fn tables(workspace: &Workspace) -> Vec<String> {
    let mut broken = Vec::new();
    for file in &workspace.files {
        for table in quoted_after(&file.text, "table_name = \"") {
            let owner = owner_of(workspace, table);
            let published = PUBLISHED.contains(&(table, file.module.as_str()));
            let owned = owner.as_deref() == file.module.strip_prefix("crates/");
            if !owned && !published {
                broken.push(format!(
                    "{} names the table `{table}`, which belongs to {}: call that module's \
                     service",
                    file.path,
                    owner.as_deref().unwrap_or("no migration")
                ));
            }
        }
    }
    broken
}

/// A tenant table is not declared global, not even by an entity without the organization column:
/// SQLite has no row-level security to catch it.
fn global_tenants(workspace: &Workspace) -> Vec<String> {
    let is_tenant = |table: &str| {
        let mut migrations = workspace
            .files
            .iter()
            .filter(|file| file.module == "migrations");
        migrations.any(|file| on_one_line(&file.text).contains(&tenant_table(table)))
    };
    let mut broken = Vec::new();
    let files = workspace.files.iter();
    for file in files.filter(|file| code(&file.text).contains("global_entity!(")) {
        for table in quoted_after(&file.text, "table_name = \"") {
            if is_tenant(table) {
                broken.push(format!(
                    "{} declares the tenant's table `{table}` as global: use `tenant_entity!`, \
                     and keep a global entity in a file of its own",
                    file.path
                ));
            }
        }
    }
    broken
}

/// The clippy bans apply everywhere: a second file would replace them in its folder.
fn lint_settings(workspace: &Workspace) -> Vec<String> {
    let root = "clippy.toml";
    let others = workspace.lint_settings.iter().filter(|path| *path != root);
    let mut broken: Vec<_> = others
        .map(|path| {
            format!("{path} replaces the bans of the root's {root}: move its settings there")
        })
        .collect();
    if !workspace.lint_settings.iter().any(|path| path == root) {
        broken.push(format!("{root} is missing: it holds the bans of clippy"));
    }
    broken
}

fn owner_of(workspace: &Workspace, table: &str) -> Option<String> {
    let migrations = workspace
        .files
        .iter()
        .filter(|file| file.module == "migrations");
    let made = migrations.filter(|file| {
        let created = [
            format!(".table(\"{table}\") .col("),
            tenant_table(table),
            format!("CREATE VIEW {table} "),
        ];
        let text = on_one_line(&file.text);
        created.iter().any(|form| text.contains(form))
    });
    let name = made.map(|file| file.path.rsplit('/').next().unwrap_or_default());
    let modules = name.filter_map(|name| name.split_once("_0"));
    modules.map(|(module, _)| module.to_owned()).next()
}

/// How a migration creates a tenant table.
fn tenant_table(table: &str) -> String {
    format!("create_tenant_table(manager, \"{table}\",")
}

/// The text with whitespace collapsed, and none after an opening parenthesis.
fn on_one_line(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").replace("( ", "(")
}

fn quoted_after<'t>(text: &'t str, start: &str) -> Vec<&'t str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(start) {
        let (name, after) = after.split_once('"').expect("a closing quote");
        found.push(name);
        rest = after;
    }
    found
}

/// The text without comments, which may name restricted items.
fn code(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}
