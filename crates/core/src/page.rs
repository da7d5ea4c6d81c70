//! Pages of a list, and the cursors that continue them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    error::{BoxError, DomainError, ErrorKind},
    input::{InputField, Json, ValidationErrors},
    value::InvalidText,
};

/// How many items a page holds: 1 to 100, by default 20.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(u32);

crate::value_schema!(inline PageSize, {
    "type": "integer", "minimum": 1, "maximum": MAX, "default": DEFAULT
});

const MAX: u32 = 100;
const DEFAULT: u32 = 20;

const RULE: &str = "must be a whole number from 1 to 100";

impl PageSize {
    /// A page size.
    ///
    /// # Errors
    /// When it is not from 1 to 100.
    pub fn new(items: u32) -> Result<Self, InvalidText> {
        if (1..=MAX).contains(&items) {
            Ok(Self(items))
        } else {
            Err(InvalidText(RULE))
        }
    }

    fn checked<E>(items: Result<u32, E>) -> Result<Self, ValidationErrors> {
        let limit = items.ok().and_then(|items| Self::new(items).ok());
        limit.ok_or(ValidationErrors::new(RULE))
    }

    /// The number of items.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self(DEFAULT)
    }
}

impl InputField for PageSize {
    fn parse(value: Json) -> Result<Self, ValidationErrors> {
        Self::checked(u32::parse(value))
    }

    fn parse_text(text: &str) -> Result<Self, ValidationErrors> {
        Self::checked(u32::parse_text(text))
    }
}

/// Which page of a list to read.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// How many items.
    pub limit: PageSize,
    /// Where the page before ended; the first page without it.
    pub cursor: Option<String>,
}

crate::request! {
    /// The query of a list without filters.
    pub struct PageQuery {
        /// How many items.
        pub limit: Option<PageSize>,
        /// Where the page before ended.
        pub cursor: Option<String>,
    }
}

impl From<PageQuery> for PageRequest {
    fn from(query: PageQuery) -> Self {
        Self {
            limit: query.limit.unwrap_or_default(),
            cursor: query.cursor,
        }
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "{T}Page")]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// What to send as `cursor` for the next page; nothing on the last one. A page of a selection, or
    /// of long texts, may hold fewer items than requested, or none, and have a next one.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// The page with each item converted.
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(convert).collect(),
            next_cursor: self.next_cursor,
        }
    }
}

/// Why a page can't be returned.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// A cursor that was altered, or belongs to another list.
    #[error("the cursor is not one that this list gave out")]
    InvalidCursor,
    /// The database failed.
    #[error(transparent)]
    Database(BoxError),
}

impl DomainError for PageError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidCursor => ErrorKind::Malformed,
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidCursor => "invalid_cursor",
            Self::Database(error) => error.code(),
        }
    }
}
