//! The description of a handler's extractors.

use actix_web::{http::StatusCode, web};
use serde_json::json;

use super::{
    super::{
        Access, Authorized, Body, Form, IfMatch, LenientQuery, PathId, PathSlug, Query,
        authorized::Established,
    },
    Operation,
};
use tenantry_core::input::FromFields;

/// An extractor that describes itself for the document.
///
/// A module with its own extractor implements it, or its routes don't compile.
pub trait DescribeInput {
    /// Adds to the description of the route.
    fn describe(operation: &mut Operation<'_>);

    /// What routes with this access don't have, although the extractor takes it.
    #[must_use]
    fn missing(_: &Access) -> Option<&'static str> {
        None
    }
}

/// All extractors of a handler.
pub trait DescribeInputs {
    /// Adds to the description of the route.
    fn describe(operation: &mut Operation<'_>);

    /// What routes with this access don't have, although one of the extractors takes it.
    #[must_use]
    fn missing(access: &Access) -> Option<&'static str>;
}

macro_rules! arguments {
    ($($name:ident)*) => {
        impl<$($name: DescribeInput),*> DescribeInputs for ($($name,)*) {
            fn describe(operation: &mut Operation<'_>) {
                $($name::describe(operation);)*
                let _ = operation;
            }

            fn missing(access: &Access) -> Option<&'static str> {
                let _ = access;
                let missing: &[Option<&'static str>] = &[$($name::missing(access)),*];
                missing.iter().copied().flatten().next()
            }
        }
    };
}

arguments!();
arguments!(A);
arguments!(A B);
arguments!(A B C);
arguments!(A B C D);
arguments!(A B C D E);
arguments!(A B C D E F);
arguments!(A B C D E F G);
arguments!(A B C D E F G H);

/// The route's access describes it.
impl<T: Established> DescribeInput for Authorized<T> {
    fn describe(_: &mut Operation<'_>) {}

    fn missing(access: &Access) -> Option<&'static str> {
        (!T::is_established_by(access)).then(std::any::type_name::<T>)
    }
}

/// It is not part of the request.
impl<T: ?Sized> DescribeInput for web::Data<T> {
    fn describe(_: &mut Operation<'_>) {}
}

/// The path and the route's errors describe it.
impl<T> DescribeInput for PathId<T> {
    fn describe(_: &mut Operation<'_>) {}
}

/// The path describes it.
impl DescribeInput for PathSlug {
    fn describe(_: &mut Operation<'_>) {}
}

/// Pages are not in the document.
impl<T> DescribeInput for Form<T> {
    fn describe(_: &mut Operation<'_>) {}
}

impl<T: FromFields> DescribeInput for Body<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.request_body::<T>();
        operation.error(StatusCode::BAD_REQUEST, "malformed_json");
        operation.error(StatusCode::BAD_REQUEST, "unknown_field");
        operation.error(StatusCode::REQUEST_TIMEOUT, "request_timeout");
        operation.error(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large");
        operation.error(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type");
        operation.error(StatusCode::UNPROCESSABLE_ENTITY, "validation_failed");
    }
}

impl<T: FromFields> DescribeInput for Query<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.query_parameters::<T>();
        operation.error(StatusCode::BAD_REQUEST, "malformed_query");
        operation.error(StatusCode::BAD_REQUEST, "repeated_parameter");
        operation.error(StatusCode::UNPROCESSABLE_ENTITY, "validation_failed");
    }
}

impl<T: FromFields> DescribeInput for LenientQuery<T> {
    fn describe(operation: &mut Operation<'_>) {
        operation.query_parameters::<T>();
        operation.error(StatusCode::BAD_REQUEST, "malformed_query");
        operation.error(StatusCode::UNPROCESSABLE_ENTITY, "validation_failed");
    }
}

impl DescribeInput for IfMatch {
    fn describe(operation: &mut Operation<'_>) {
        let tags =
            json!({"type": "string", "pattern": r#"^(\*|(W/)?"[^" ]*"(, *(W/)?"[^" ]*")*)$"#});
        let description = "The versions that may be changed; without it, the last writer wins";
        operation.request_header("If-Match", description, tags);
        operation.error(StatusCode::BAD_REQUEST, "invalid_if_match");
    }
}
