//! What must not compile in a module: every file of `tests/ui` tries to bypass the data layer.

#[test]
fn bypassing_the_data_layer_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
