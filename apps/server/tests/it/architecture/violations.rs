//! Violations, added to check that each rule reports them and says what to do instead.

use super::{
    cycles::import_cycles,
    rules::broken_in,
    workspace::{Dependency, Feature, File, Workspace},
};

fn with_dependency(package: &str, on: &str) -> String {
    let mut workspace = Workspace::read();
    workspace.dependencies.push(Dependency {
        package: package.to_owned(),
        on: on.to_owned(),
        for_tests_only: false,
        features: Vec::new(),
    });
    broken_in(&workspace).join("\n")
}

fn with_file(path: &str, text: &str) -> String {
    let mut workspace = Workspace::read();
    let (module, _) = path.split_once("/src/").expect("a source of a package");
    workspace.files.push(File {
        module: module.to_owned(),
        path: path.to_owned(),
        text: text.to_owned(),
    });
    broken_in(&workspace).join("\n")
}

#[test]
fn a_module_that_depends_on_another_is_found() {
    let report = with_dependency("tenantry-projects", "tenantry-organizations");
    assert!(report.contains("react to its domain events"), "{report}");
    let report = with_dependency("tenantry-users", "tenantry-organizations");
    assert!(
        report.contains("tenantry-users must not depend on"),
        "{report}"
    );
    let report = with_dependency("tenantry-core", "tenantry-users");
    assert!(
        report.contains("tenantry-core must not depend on"),
        "{report}"
    );
}

#[test]
fn a_new_module_may_depend_on_the_shared_crates_only() {
    assert_eq!(with_dependency("tenantry-invoices", "tenantry-core"), "");
    let report = with_dependency("tenantry-invoices", "tenantry-projects");
    assert!(
        report.contains("tenantry-invoices must not depend on"),
        "{report}"
    );
}

#[test]
fn a_module_with_a_database_library_is_found() {
    for library in ["sea-orm", "sqlx", "sqlx-core", "sea-query"] {
        let report = with_dependency("tenantry-projects", library);
        assert!(report.contains("use `tenantry_core::orm`"), "{report}");
    }
}

#[test]
fn a_build_with_fault_injection_is_found() {
    let mut workspace = Workspace::read();
    workspace.features.push(Feature {
        package: "tenantry".to_owned(),
        name: "default".to_owned(),
        switches_on: vec!["tenantry-core/mutants".to_owned()],
    });
    workspace.dependencies.push(Dependency {
        package: "tenantry-projects".to_owned(),
        on: "tenantry-core".to_owned(),
        for_tests_only: true,
        features: vec!["mutants".to_owned()],
    });
    let broken = broken_in(&workspace);
    assert_eq!(broken.len(), 2, "{broken:?}");
    for report in broken {
        assert!(report.contains("to the tests that need it"), "{report}");
    }
}

#[test]
fn a_module_that_names_the_table_of_another_is_found() {
    let entity = "#[sea_orm(table_name = \"projects\")]\nstruct Model;";
    let report = with_file("crates/users/src/entity.rs", entity);
    assert!(
        report.contains("belongs to projects: call that module's service"),
        "{report}"
    );
    let unknown = "#[sea_orm(table_name = \"shelves\")]\nstruct Model;";
    let report = with_file("crates/users/src/entity.rs", unknown);
    assert!(report.contains("belongs to no migration"), "{report}");
}

#[test]
fn a_tenants_table_declared_global_is_found_whatever_its_columns() {
    // Wherever in a migration the table is created.
    for (table, module) in [
        ("projects", "projects"),
        ("organization_members", "organizations"),
        ("api_tokens", "organizations"),
    ] {
        let entity =
            format!("#[sea_orm(table_name = \"{table}\")]\nstruct Model;\nglobal_entity!(Entity);");
        let report = with_file(&format!("crates/{module}/src/all.rs"), &entity);
        assert!(report.contains("use `tenant_entity!`"), "{table}: {report}");
    }
}

#[test]
fn a_published_view_is_for_the_module_it_is_published_to() {
    let entity = "#[sea_orm(table_name = \"live_sessions\")]\nstruct Model;";
    assert_eq!(with_file("crates/organizations/src/entity.rs", entity), "");
    let report = with_file("crates/projects/src/entity2.rs", entity);
    assert!(report.contains("belongs to users"), "{report}");
}

#[test]
fn a_restricted_item_in_another_folder_is_found() {
    for (code, instead) in [
        ("fn f(i: &ContextIssuer) {}", "take a `TenantContext`"),
        ("fn f(q: &DeliveryQueue) {}", "write a `Listener`"),
        (
            "let db = Database::open(o, s, p);",
            "take the `Database` as a dependency",
        ),
        (
            "global_entity!(E, cross_tenant: \"x\");",
            "declare the entity with",
        ),
        (
            "#[expect(clippy::disallowed_methods, reason = \"x\")]",
            "do what the lint says",
        ),
        (
            "use tenantry_core::orm::sea_query::Expr;",
            "build conditions with `Filter`",
        ),
    ] {
        let report = with_file("crates/projects/src/clever.rs", code);
        assert!(report.contains(instead), "{code}: {report}");
    }
}

#[test]
fn a_comment_may_name_what_the_code_may_not() {
    let report = with_file(
        "crates/projects/src/clever.rs",
        "// ContextIssuer is not for us.",
    );
    assert_eq!(report, "");
}

#[test]
fn code_in_lib_rs_is_found() {
    let report = with_file("crates/projects/src/lib.rs", "mod a;\npub fn b() {}");
    assert!(report.contains("lib.rs is a table of contents"), "{report}");
}

#[test]
fn public_entities_are_found() {
    let report = with_file("crates/projects/src/lib.rs", "pub mod entity;");
    assert!(report.contains("keep them private"), "{report}");
}

#[test]
fn a_second_clippy_toml_and_a_missing_one_are_found() {
    let mut workspace = Workspace::read();
    let second = "crates/projects/.clippy.toml";
    workspace.lint_settings.push(second.to_owned());
    let report = broken_in(&workspace).join("\n");
    assert!(report.contains("move its settings there"), "{report}");
    assert!(report.starts_with(second), "{report}");

    workspace.lint_settings.clear();
    let report = broken_in(&workspace).join("\n");
    assert!(report.contains("clippy.toml is missing"), "{report}");
}

#[test]
fn http_in_a_service_store_entity_or_model_is_found() {
    for path in [
        "service.rs",
        "members/store.rs",
        "entity/member.rs",
        "model.rs",
    ] {
        for code in ["use tenantry_http::Problem;", "use actix_web::web;"] {
            let said = with_file(&format!("crates/organizations/src/new/{path}"), code);
            assert!(said.contains("to the module's http.rs"), "{path}: {said}");
        }
    }
    let handlers = with_file("crates/projects/src/new/http.rs", "use actix_web::web;");
    assert_eq!(handlers, "");
}

#[test]
fn files_that_import_each_other_are_found_in_every_package() {
    for package in ["crates/projects", "crates/invoices"] {
        let mut workspace = Workspace::read();
        for (path, text) in [
            ("src/one.rs", "use crate::two::Two;"),
            ("src/two.rs", "use super::one;"),
        ] {
            workspace.files.push(File {
                module: package.to_owned(),
                path: format!("{package}/{path}"),
                text: text.to_owned(),
            });
        }
        let report = broken_in(&workspace).join("\n");
        let cycle = format!("{package}/src/one.rs imports {package}/src/two.rs");
        assert!(report.starts_with(&cycle), "{report}");
    }
}

/// The cycles of a package with these files.
fn cycles(files: &[(&str, &str)]) -> String {
    let files = files.iter().map(|(path, text)| File {
        module: "crates/x".to_owned(),
        path: format!("crates/x/src/{path}"),
        text: (*text).to_owned(),
    });
    let files: Vec<_> = files.collect();
    import_cycles(files.iter()).join("\n")
}

#[test]
fn a_cycle_through_groups_re_exports_and_paths_is_found() {
    let said = cycles(&[
        ("lib.rs", "mod a;\nmod b;"),
        ("a/mod.rs", "mod inner;\npub use inner::Item;"),
        (
            "a/inner.rs",
            "use crate::b::{\n    deep::{self, Deep},\n    Other,\n};",
        ),
        ("b/mod.rs", "pub mod deep;"),
        ("b/deep.rs", "fn f() -> super::super::c::C {}"),
        ("c.rs", "use crate::a::Item;"),
    ]);
    let cycle = "crates/x/src/a/inner.rs imports crates/x/src/b/deep.rs, which imports it back \
                 through crates/x/src/c.rs";
    assert!(said.starts_with(cycle), "{said}");
}

#[test]
fn lists_of_children_comments_macros_and_unit_tests_are_no_imports() {
    let said = cycles(&[
        ("lib.rs", "mod a;\npub use a::Item;"),
        ("a/mod.rs", "mod inner;\npub use inner::Item;"),
        (
            "a/inner.rs",
            "//! As crate::b::B.\nuse super::Own;\n\n#[cfg(test)]\nmod tests {\n    use crate::b::B;\n}",
        ),
        (
            "b.rs",
            "use crate::Item;\nmacro_rules! m { () => { $crate::c::C } }",
        ),
        ("c.rs", "use crate::b::B;"),
    ]);
    assert_eq!(said, "");
}

#[test]
fn a_tenants_table_is_known_however_its_migration_is_wrapped() {
    let entity = "#[sea_orm(table_name = \"shelves\")]\nstruct Model;\nglobal_entity!(Entity);";
    let created = [
        "create_tenant_table(manager, \"shelves\", &mut [], &mut [])",
        "create_tenant_table(\n    manager,\n    \"shelves\",\n    &mut [],",
    ];
    for created in created {
        let mut workspace = Workspace::read();
        for (module, path, text) in [
            (
                "migrations",
                "migrations/src/list/users_0009_shelves.rs",
                created,
            ),
            ("crates/users", "crates/users/src/shelf.rs", entity),
        ] {
            workspace.files.push(File {
                module: module.to_owned(),
                path: path.to_owned(),
                text: text.to_owned(),
            });
        }
        let report = broken_in(&workspace).join("\n");
        assert!(
            report.contains("declares the tenant's table `shelves` as global"),
            "{report}"
        );
    }
}
