//! What the modules of Tenantry may rely on.

mod compile_fail;
mod db;
#[cfg(feature = "mutants")]
mod mutation_gate;
mod walls;
