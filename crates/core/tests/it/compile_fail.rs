//! What must not compile: every file of `tests/ui` is a way out of the scope that the types close.

#[test]
fn a_way_out_of_the_scope_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
