//! What must not compile: every file of `tests/ui` is a way out of the scope that the types close.

#[test]
fn a_way_out_of_the_scope_does_not_compile() {
    let (cargo, package) = (env!("CARGO"), env!("CARGO_MANIFEST_DIR"));
    tenantry_testkit::assert_compile_fails(cargo, package, "ui_core_");
}
