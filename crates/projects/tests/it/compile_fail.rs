//! What must not compile in a module: every file of `tests/ui` is a way round the data layer.

#[test]
fn a_way_round_the_data_layer_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
