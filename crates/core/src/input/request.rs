//! Declares requests as structs of valid values.

/// Declares a request: a struct whose fields are all [`InputField`](crate::input::InputField)s.
///
/// ```
/// use tenantry_core::value::{Description, Name};
///
/// tenantry_core::request! {
///     /// A new project.
///     pub struct NewProject {
///         /// What people call it.
///         pub name: Name,
///         /// What it is about.
///         pub description: Option<Description>,
///     }
/// }
/// ```
///
/// It can be a JSON body, a query string, or a field of another request. Clients read its
/// documentation and that of its fields. It derives `Debug`, so the type of a secret must redact it.
#[macro_export]
macro_rules! request {
    (
        $(#[doc = $docs:literal])*
        $vis:vis struct $name:ident {
            $($(#[doc = $field_docs:literal])* $field_vis:vis $field:ident: $type:ty),* $(,)?
        }
    ) => {
        $(#[doc = $docs])*
        #[derive(Debug)]
        $vis struct $name {
            $($(#[doc = $field_docs])* $field_vis $field: $type,)*
        }

        impl $crate::input::schema::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn schema_id() -> std::borrow::Cow<'static, str> {
                concat!(module_path!(), "::", stringify!($name)).into()
            }

            fn json_schema(schemas: &mut $crate::input::schema::Schemas) -> $crate::input::schema::Schema {
                $crate::input::schema::ObjectSchema::new()
                    $(.field::<$type>(stringify!($field), &[$($field_docs),*], schemas))*
                    .finish(&[$($docs),*])
            }
        }

        impl $crate::input::FromFields for $name {
            fn read(from: &mut $crate::input::FieldReader) -> Option<Self> {
                // All fields are taken before the first return, so that every error is reported.
                $(let $field = from.take(stringify!($field));)*
                let _ = from;
                Some(Self { $($field: $field?,)* })
            }
        }

        impl $crate::input::InputField for $name {
            fn parse(value: $crate::input::Json) -> Result<Self, $crate::input::ValidationErrors> {
                match value {
                    $crate::input::Json::Object(object) => $crate::input::FieldReader::object(object),
                    _ => Err($crate::input::ValidationErrors::new("must be an object")),
                }
            }
        }
    };
}
