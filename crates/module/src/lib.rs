//! What a module is to the program that it is part of.
//!
//! - [`Module`]: one descriptor for each module, in its `module.rs`; the composition root has one list
//!   of them
//! - [`DemoOrganization`]: an organization of the demo data, to be filled by the modules
//! - [`OperatorTable`]: rows that operators may look at
//! - [`Check`]: a result of `tenantry doctor`

mod check;
mod demo;
mod module;
mod operator_table;

pub use check::Check;
pub use demo::{DemoError, DemoOrganization};
pub use module::Module;
pub use operator_table::{OperatorCell, OperatorTable};
