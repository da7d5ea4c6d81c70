//! The codec of keyset cursors: signed, and bound to one list of one owner.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sea_orm::Value;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::DbError;
use crate::{clock::Timestamp, id::Uuid, page::PageError};

/// Signs cursors, so that a client can't forge one or use one in another organization.
#[derive(Clone)]
pub struct CursorKey(Hmac<Sha256>);

/// The length of a cursor's truncated signature, in bytes.
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

/// The types of value that a list can be sorted by.
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

    pub(crate) fn sign(
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

    pub(crate) fn verify(
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
    fn a_cursor_is_valid_for_its_list() {
        let value = Value::from("acme".to_owned());
        let cursor = key().sign("name", owner(1), [value.clone()].into_iter());
        let cursor = cursor.expect("signed");
        let values = key().verify(&cursor, "name", owner(1)).expect("verified");
        assert_eq!(values, vec![value]);
    }

    #[test]
    fn a_cursor_of_another_organization_order_or_deployment_is_refused() {
        let cursor = key().sign("name", owner(1), std::iter::empty());
        let cursor = cursor.expect("signed");
        assert!(key().verify(&cursor, "name", owner(2)).is_err());
        assert!(key().verify(&cursor, "name", None).is_err());
        assert!(key().verify(&cursor, "-created_at", owner(1)).is_err());
        let elsewhere = CursorKey::derive(b"another secret");
        assert!(elsewhere.verify(&cursor, "name", owner(1)).is_err());
    }

    #[test]
    fn every_altered_cursor_is_refused() {
        let value = Value::from("acme".to_owned());
        let cursor = key().sign("name", owner(1), [value].into_iter());
        let cursor = cursor.expect("signed");
        for index in 0..cursor.len() {
            let mut altered = cursor.clone().into_bytes();
            altered[index] = if altered[index] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("ASCII");
            assert!(key().verify(&altered, "name", owner(1)).is_err(), "{index}");
        }
        for nonsense in ["", "A", "%%%", "null"] {
            assert!(key().verify(nonsense, "name", owner(1)).is_err());
        }
    }
}
