//! What must not compile in a module: every file of `tests/ui` tries to bypass the data layer.

#[test]
fn bypassing_the_data_layer_does_not_compile() {
    let (cargo, package) = (env!("CARGO"), env!("CARGO_MANIFEST_DIR"));
    tenantry_testkit::assert_compile_fails(cargo, package, "ui_projects_");
}
