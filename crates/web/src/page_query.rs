//! The query of pages.

use tenantry_core::request;

use crate::{done::Done, fields::Lenient};

request! {
    /// The query of a page without parameters of its own.
    pub(crate) struct PageQuery {
        /// What a form did; a message of another version is no message.
        pub(crate) done: Lenient<Done>,
    }
}
