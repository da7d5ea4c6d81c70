//! Would be a scope without a condition: what seals the trait `Scope` is out of reach.

use tenantry_core::db::{Rows, scope::sealed::Sealed};

#[derive(Clone, Copy)]
struct Everything;

impl Sealed for Everything {}

fn way_out(_: &Rows<'_, Everything>) {}

fn main() {}
