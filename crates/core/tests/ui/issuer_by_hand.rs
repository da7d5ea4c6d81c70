//! Would get the power to say who is who.

use tenantry_core::access::ContextIssuer;

fn way_out() {
    let _ = ContextIssuer { _private: () };
}

fn main() {}
