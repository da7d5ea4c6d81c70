//! Values that are validated once, when they are parsed.

mod keys;
mod macros;
mod search;
mod slug;
mod text;
mod visible;

pub use keys::{search_key, sort_key};
pub use search::SearchText;
pub use slug::{RESERVED_SLUGS, Slug};
pub use text::{Description, InvalidText, NOT_BLANK, Name, Reason, parse_line};
