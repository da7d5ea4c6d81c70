//! The guarantees of core that modules rely on.

mod compile_fail;
mod db;
#[cfg(feature = "mutants")]
mod mutation_gate;
mod walls;
