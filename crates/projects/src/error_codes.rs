//! The module's codes, for the reference of error codes.

use tenantry_core::error::ErrorCode;

/// The error codes of this crate.
pub const ERROR_CODES: &[ErrorCode] = &[
    ErrorCode::new(
        "project_not_found",
        "The organization has no project with this id; that another organization has one changes nothing.",
        "Take the id from `GET /api/projects`, in the same organization.",
    ),
    ErrorCode::new(
        "precondition_failed",
        "The project changed since the version in `If-Match`.",
        "Read it again, and apply the change to what it is now.",
    ),
    ErrorCode::new(
        "project_limit_reached",
        "The organization has as many projects as its limit allows.",
        "Delete a project, or ask the operator to raise the limit.",
    ),
];
