//! Declares a value type in one place: parsing, JSON, the database column.

/// Implements a database column for a type.
///
/// `column_value!(Type, Inner, to_inner, try_from_inner)`; reading an invalid value is an
/// error.
#[macro_export]
macro_rules! column_value {
    ($name:ty, $inner:ty, $into:expr, $try_from:expr) => {
        const _: () = {
            use $crate::orm::{
                ColIdx, DbErr, QueryResult, TryFromU64, TryGetError, TryGetable, Value,
                sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr},
            };

            fn read(inner: $inner) -> Result<$name, String> {
                let convert = $try_from;
                convert(inner).map_err(|error| error.to_string())
            }

            impl From<$name> for Value {
                fn from(value: $name) -> Self {
                    let convert: fn($name) -> $inner = $into;
                    convert(value).into()
                }
            }

            impl TryGetable for $name {
                fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
                    let inner = <$inner as TryGetable>::try_get_by(row, index)?;
                    read(inner).map_err(|error| TryGetError::DbErr(DbErr::Type(error)))
                }
            }

            impl ValueType for $name {
                fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
                    let inner = <$inner as ValueType>::try_from(value)?;
                    read(inner).map_err(|_| ValueTypeErr)
                }

                fn type_name() -> String {
                    stringify!($name).to_owned()
                }

                fn array_type() -> ArrayType {
                    <$inner as ValueType>::array_type()
                }

                fn column_type() -> ColumnType {
                    <$inner as ValueType>::column_type()
                }
            }

            impl Nullable for $name {
                fn null() -> Value {
                    <$inner as Nullable>::null()
                }
            }

            // Required of every part of a primary key; no table has an auto-increment.
            impl TryFromU64 for $name {
                fn try_from_u64(_: u64) -> Result<Self, DbErr> {
                    Err(DbErr::ConvertFromU64(stringify!($name)))
                }
            }
        };
    };
}

/// Declares a text newtype from its parser, a `fn(&str) -> Result<String, InvalidText>`, and the
/// keywords of its schema: `text_value!(Name, parse_name, { "maxLength": 255 });`.
///
/// Only parsing creates a value of the type, which proves that the text is valid and canonical. What is
/// stored is parsed again when it is read; a type whose rule became stricter reads with another function:
/// `text_value!(Name, parse_name, stored: keep, { … });`.
#[macro_export]
macro_rules! text_value {
    ($(#[$meta:meta])* $name:ident, $parse:path, { $($keyword:tt)* }) => {
        $crate::text_value! {
            $(#[$meta])* $name, $parse, stored: |text| $parse(&text), { $($keyword)* }
        }
    };
    ($(#[$meta:meta])* $name:ident, $parse:path, stored: $stored:expr, { $($keyword:tt)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The canonical text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// A value that was parsed before it was stored.
            fn from_stored(text: String) -> Result<Self, $crate::value::InvalidText> {
                let read: fn(String) -> Result<String, $crate::value::InvalidText> = $stored;
                read(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::value::InvalidText;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                $parse(&text).map(Self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::value::InvalidText;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $parse(text).map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(from)?;
                Self::from_stored(text).map_err(serde::de::Error::custom)
            }
        }

        $crate::value_schema!($name, { "type": "string", $($keyword)* });
        $crate::text_field!($name);
        $crate::column_value!($name, String, |value| value.0, <$name>::from_stored);
    };
}
