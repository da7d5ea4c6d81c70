//! Pages of a list, and the cursors that continue them.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use schemars::JsonSchema;
use sea_orm::Value;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::{
    clock::Timestamp,
    db::DbError,
    error::{Fact, Kind},
    http::{Field, FieldError, Json},
    id::Uuid,
    value::InvalidText,
};

/// How many items a page holds: 1 to 100, and 20 unless asked otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u32);

crate::value_schema!(inline Limit, {
    "type": "integer", "minimum": 1, "maximum": MAX, "default": USUAL
});

const MAX: u32 = 100;
const USUAL: u32 = 20;

const RULE: &str = "must be a whole number from 1 to 100";

impl Limit {
    /// The limit of the given size.
    ///
    /// # Errors
    /// When it is not within 1 to 100.
    pub fn new(items: u32) -> Result<Self, InvalidText> {
        if (1..=MAX).contains(&items) {
            Ok(Self(items))
        } else {
            Err(InvalidText(RULE))
        }
    }

    fn checked<E>(items: Result<u32, E>) -> Result<Self, FieldError> {
        let limit = items.ok().and_then(|items| Self::new(items).ok());
        limit.ok_or(FieldError::new(RULE))
    }

    /// The number of items.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(USUAL)
    }
}

impl Field for Limit {
    fn parse(value: Json) -> Result<Self, FieldError> {
        Self::checked(u32::parse(value))
    }

    fn parse_text(text: &str) -> Result<Self, FieldError> {
        Self::checked(u32::parse_text(text))
    }
}

/// Which page is asked for.
#[derive(Clone, Debug, Default)]
pub struct PageRequest {
    /// How many items.
    pub limit: Limit,
    /// Where the page before ended; the first page without it.
    pub cursor: Option<String>,
}

crate::request! {
    /// The query of a list that has nothing but pages.
    pub struct PageQuery {
        /// How many items.
        pub limit: Option<Limit>,
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
    /// What to send as `cursor` for the next page; nothing on the last one.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// The same page of other items.
    pub fn map<U>(self, convert: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(convert).collect(),
            next_cursor: self.next_cursor,
        }
    }
}

/// Why a page can't be given.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// A cursor that was altered, or belongs to another list.
    #[error("the cursor is not one that this list gave out")]
    InvalidCursor,
    /// The database could not be asked.
    #[error(transparent)]
    Database(DbError),
}

impl Fact for PageError {
    fn kind(&self) -> Kind {
        match self {
            Self::InvalidCursor => Kind::Malformed,
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

/// Signs cursors, so that nobody can make one up or take one to another organization.
#[derive(Clone)]
pub struct CursorKey(Hmac<Sha256>);

/// The bytes of a signature that a cursor carries.
const SIGNATURE: usize = 16;

#[derive(Serialize, Deserialize)]
struct Position {
    #[serde(rename = "l")]
    list: String,
    #[serde(rename = "o")]
    owner: Option<Uuid>,
    #[serde(rename = "v")]
    values: Vec<Key>,
}

/// The kinds of value that a list can be sorted by.
#[derive(Serialize, Deserialize)]
enum Key {
    #[serde(rename = "s")]
    Text(String),
    #[serde(rename = "u")]
    Id(Uuid),
    #[serde(rename = "t")]
    Time(Timestamp),
    #[serde(rename = "n")]
    Number(i64),
}

impl CursorKey {
    /// A key derived from the deployment's secret; every process derives the same one.
    ///
    /// # Panics
    /// Never: HMAC takes a secret of any length.
    #[must_use]
    pub fn derive(secret: &[u8]) -> Self {
        let mut derivation =
            Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
        derivation.update(b"tenantry cursor key");
        let key = derivation.finalize().into_bytes();
        Self(Hmac::new_from_slice(&key).expect("HMAC takes a key of any length"))
    }

    pub(crate) fn seal(
        &self,
        list: &str,
        owner: Option<Uuid>,
        values: impl Iterator<Item = Value>,
    ) -> Result<String, DbError> {
        let values = values.map(Key::try_from).collect::<Result<_, _>>()?;
        let position = Position {
            list: list.to_owned(),
            owner,
            values,
        };
        let mut bytes = serde_json::to_vec(&position).expect("a position is plain data");
        let signature = self.0.clone().chain_update(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&signature[..SIGNATURE]);
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(crate) fn open(
        &self,
        cursor: &str,
        list: &str,
        owner: Option<Uuid>,
    ) -> Result<Vec<Value>, PageError> {
        let invalid = || PageError::InvalidCursor;
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
        let (bytes, signature) = bytes.split_last_chunk::<SIGNATURE>().ok_or_else(invalid)?;
        let expected = self.0.clone().chain_update(bytes);
        expected
            .verify_truncated_left(signature)
            .map_err(|_| invalid())?;
        let position: Position = serde_json::from_slice(bytes).map_err(|_| invalid())?;
        if position.list != list || position.owner != owner {
            return Err(invalid());
        }
        Ok(position.values.into_iter().map(Value::from).collect())
    }
}

impl TryFrom<Value> for Key {
    type Error = DbError;

    fn try_from(value: Value) -> Result<Self, DbError> {
        match value {
            Value::String(Some(text)) => Ok(Self::Text(text)),
            Value::Uuid(Some(id)) => Ok(Self::Id(id)),
            Value::ChronoDateTimeUtc(Some(time)) => Ok(Self::Time(time)),
            Value::BigInt(Some(number)) => Ok(Self::Number(number)),
            other => Err(DbError::Statement(sea_orm::DbErr::Type(format!(
                "a list can't be sorted by {other:?}"
            )))),
        }
    }
}

impl From<Key> for Value {
    fn from(key: Key) -> Self {
        match key {
            Key::Text(text) => text.into(),
            Key::Id(id) => id.into(),
            Key::Time(time) => time.into(),
            Key::Number(number) => number.into(),
        }
    }
}

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CursorKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> CursorKey {
        CursorKey::derive(b"a secret")
    }

    fn owner(n: u128) -> Option<Uuid> {
        Some(Uuid::from_u128(n))
    }

    #[test]
    fn a_cursor_opens_for_its_own_list() {
        let value = Value::from("acme".to_owned());
        let cursor = key().seal("name", owner(1), [value.clone()].into_iter());
        let cursor = cursor.expect("sealed");
        let opened = key().open(&cursor, "name", owner(1)).expect("opened");
        assert_eq!(opened, vec![value]);
    }

    #[test]
    fn a_cursor_of_another_organization_order_or_deployment_is_refused() {
        let cursor = key().seal("name", owner(1), std::iter::empty());
        let cursor = cursor.expect("sealed");
        assert!(key().open(&cursor, "name", owner(2)).is_err());
        assert!(key().open(&cursor, "name", None).is_err());
        assert!(key().open(&cursor, "-created_at", owner(1)).is_err());
        let elsewhere = CursorKey::derive(b"another secret");
        assert!(elsewhere.open(&cursor, "name", owner(1)).is_err());
    }

    #[test]
    fn every_altered_cursor_is_refused() {
        let value = Value::from("acme".to_owned());
        let cursor = key().seal("name", owner(1), [value].into_iter());
        let cursor = cursor.expect("sealed");
        for index in 0..cursor.len() {
            let mut altered = cursor.clone().into_bytes();
            altered[index] = if altered[index] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("ASCII");
            assert!(key().open(&altered, "name", owner(1)).is_err(), "{index}");
        }
        for nonsense in ["", "A", "%%%", "null"] {
            assert!(key().open(nonsense, "name", owner(1)).is_err());
        }
    }
}
