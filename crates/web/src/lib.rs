//! The pages for people, over the public traits of the modules.
//!
//! - [`WebModule`]: the descriptor for the composition root; without its entry there are no pages
//! - [`Services`], [`Brand`]: what it takes from the program
//! - `frame`: what all pages have in common; `html`: a page as a response
//! - `pages`: the pages and their forms. A handler parses, calls one method of a service, and renders;
//!   the templates in `templates` hold the texts

mod assets;
mod brand;
mod chart;
mod csv;
mod done;
mod error_pages;
mod fields;
mod form_view;
mod frame;
mod html;
mod module;
mod next;
mod page_query;
mod pages;
mod paging;
mod services;
mod when;

pub use brand::{Accent, Brand};
pub use module::WebModule;
pub use services::{DemoLogin, Services};
