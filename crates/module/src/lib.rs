//! What a module is to the program that it is part of.
//!
//! - [`Module`]: one descriptor for each module, in its `module.rs`; the composition root has one list
//!   of them
//! - [`DemoOrganization`]: an organization of the demo data, to be filled by the modules
//! - [`Check`]: a result of `tenantry doctor`

mod check;
mod demo;
mod module;

pub use check::Check;
pub use demo::{DemoError, DemoOrganization};
pub use module::Module;
