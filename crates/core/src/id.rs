//! Identifiers: UUIDv7 newtypes, one type per kind of thing.
//!
//! An id of one kind can't be passed where another is meant, and text is accepted in the
//! canonical lower-case form only, so that one thing has one spelling in paths, bodies and logs.

pub use uuid::Uuid;

/// Text that is not the canonical form of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a UUID in canonical lower-case form")]
pub struct InvalidId;

/// The canonical form as a regular expression.
pub const PATTERN: &str = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";

/// Reads a UUID in canonical lower-case form (RFC 9562, section 4), and in no other.
///
/// # Errors
/// [`InvalidId`] for every other spelling: upper case, braces, `urn:`, no hyphens.
pub fn canonical_uuid(text: &str) -> Result<Uuid, InvalidId> {
    let id = Uuid::try_parse(text).map_err(|_| InvalidId)?;
    let mut buffer = Uuid::encode_buffer();
    if id.hyphenated().encode_lower(&mut buffer) == text {
        Ok(id)
    } else {
        Err(InvalidId)
    }
}

/// Declares an id type: a UUID newtype that the database, JSON and paths understand.
#[macro_export]
macro_rules! define_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($crate::id::Uuid);

        impl $name {
            /// The id as a plain UUID.
            #[must_use]
            pub const fn uuid(self) -> $crate::id::Uuid {
                self.0
            }
        }

        impl From<$crate::id::Uuid> for $name {
            fn from(id: $crate::id::Uuid) -> Self {
                Self(id)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::id::InvalidId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::id::canonical_uuid(text).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        $crate::value_schema!($name, {
            "type": "string", "format": "uuid", "pattern": $crate::id::PATTERN
        });
        $crate::text_field!($name);
        $crate::column_value!($name, $crate::id::Uuid, |id| id.0, |id| Ok::<_, String>($name(id)));
    };
}

define_id!(
    /// An organization: the tenant.
    OrganizationId
);
define_id!(
    /// A user's account, which may belong to many organizations.
    UserId
);
define_id!(
    /// One user's membership in one organization.
    MembershipId
);
define_id!(
    /// One login of one user.
    SessionId
);
define_id!(
    /// One API token of one user, for one organization.
    TokenId
);
define_id!(
    /// One passkey of one user.
    PasskeyId
);
define_id!(
    /// One invitation to one organization.
    InvitationId
);
define_id!(
    /// One recorded event; listeners recognise a repeated delivery by it.
    EventId
);
define_id!(
    /// One mail; what is repeated of it has the same id.
    MailId
);
define_id!(
    /// One link that is mailed, with the secret of the mail that was sent last.
    LinkId
);
