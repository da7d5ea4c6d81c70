//! Would take the proof of one permission for that of another.

use tenantry_core::{
    access::{Grant, TenantContext},
    permission,
};

permission!(
    /// Read.
    Reading = "test.read", Viewer
);
permission!(
    /// Write.
    Writing = "test.write", Owner
);

fn way_out(ctx: &TenantContext) {
    let _: Grant<Writing> = ctx.require::<Reading>().expect("a viewer");
}

fn main() {}
