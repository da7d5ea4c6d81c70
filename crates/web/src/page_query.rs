//! The query of pages.

use tenantry_core::request;

use crate::done::Done;

request! {
    /// The query of a page without parameters of its own.
    pub(crate) struct PageQuery {
        /// What a form did.
        pub(crate) done: Option<Done>,
    }
}
