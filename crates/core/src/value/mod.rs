//! Values that are parsed once, at the edge, and can't be wrong afterwards.

mod macros;
mod slug;
mod text;

pub use slug::{RESERVED_SLUGS, Slug};
pub use text::{Description, InvalidText, NOT_BLANK, Name, parse_line};
