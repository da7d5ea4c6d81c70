//! Would get the power to say who is who.

use tenantry_core::access::ContextIssuer;

fn way_out() {
    let _ = ContextIssuer::new();
    let _ = ContextIssuer::default();
}

fn main() {}
