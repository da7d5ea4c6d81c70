//! The codes that any route may answer with, for the reference of error codes.

use tenantry_core::error::ErrorCode;

/// The error codes of this crate.
pub const ERROR_CODES: &[ErrorCode] = &[
    ErrorCode::new(
        "bad_request",
        "The request can't be understood, and no other code says why.",
        "Correct the request; repeating it changes nothing.",
    ),
    ErrorCode::new(
        "malformed_json",
        "The body is no JSON in UTF-8, or has a duplicate key, a NUL character or a number out of range.",
        "Correct the body.",
    ),
    ErrorCode::new(
        "unknown_field",
        "The body has a member that this route does not take; `errors` names each.",
        "Leave these members out, or correct their spelling.",
    ),
    ErrorCode::new(
        "unknown_parameter",
        "The query string has a parameter that this route does not take.",
        "Leave it out, or correct its spelling.",
    ),
    ErrorCode::new(
        "repeated_parameter",
        "A query parameter is there more than once.",
        "Send each parameter once.",
    ),
    ErrorCode::new(
        "malformed_query",
        "The query string is not valid percent-encoded UTF-8.",
        "Encode each value.",
    ),
    ErrorCode::new(
        "malformed_host",
        "The `Host` header is no host with an optional port.",
        "Send the host of the URL, as RFC 9112 says.",
    ),
    ErrorCode::new(
        "repeated_header",
        "A header that decides something is there more than once; `detail` names it.",
        "Send it once. If the client sends it once, a proxy adds the other one.",
    ),
    ErrorCode::new(
        "invalid_cursor",
        "The cursor was altered, belongs to another list, sort order or organization, or was signed with another session secret.",
        "Read the list again from its first page.",
    ),
    ErrorCode::new(
        "invalid_if_match",
        "`If-Match` is there more than once, or holds neither `*` nor 1 to 16 entity tags.",
        "Send the `ETag` of the last read, with its quotes.",
    ),
    ErrorCode::new(
        "conflicting_credentials",
        "The request has both a session cookie and an `Authorization` header.",
        "Send one of them.",
    ),
    ErrorCode::new(
        "invalid_organization_header",
        "`X-Organization-Slug` is empty, repeated, or can't be a slug.",
        "Send one slug, in lower case, or no header.",
    ),
    ErrorCode::new(
        "organization_context_conflict",
        "`X-Organization-Slug` names another organization than the path or the token.",
        "Leave the header out.",
    ),
    ErrorCode::new(
        "organization_required",
        "The route works in an organization, and the request selects none.",
        "Send `X-Organization-Slug`, or create or join an organization first.",
    ),
    ErrorCode::new(
        "not_authenticated",
        "The request has no credential.",
        "Sign in, or send a token.",
    ),
    ErrorCode::new(
        "invalid_credential",
        "The session or token is unknown, expired or revoked, or its account is disabled.",
        "Sign in again, or create another token.",
    ),
    ErrorCode::new(
        "forbidden",
        "The request is not allowed, and no other code says why.",
        "Don't repeat it.",
    ),
    ErrorCode::new(
        "origin_refused",
        "A browser sent a form, or a write with the session cookie, from a page of another origin.",
        "Call from a page of the server's own origin (`TENANTRY__SERVER__PUBLIC_URL`), or with a token.",
    ),
    ErrorCode::new(
        "permission_denied",
        "The caller is a member, and the role is too low for this operation.",
        "Ask an admin or owner; `docs/permissions.md` lists the roles.",
    ),
    ErrorCode::new(
        "session_required",
        "The route takes a session, and the caller sent a token.",
        "Sign in and use the session cookie.",
    ),
    ErrorCode::new(
        "email_not_verified",
        "The deployment requires a confirmed e-mail address, and the account's is not.",
        "Follow the link in the mail, or ask for another one with `POST /api/auth/email/verification`.",
    ),
    ErrorCode::new(
        "second_factor_required",
        "The account has a second factor, and the session did not check it within the last ten minutes; or never, where the organization requires one.",
        "Send a code to `POST /api/auth/mfa/verify`, and repeat the request.",
    ),
    ErrorCode::new(
        "mfa_enrollment_required",
        "The organization requires a second factor, and the account has none.",
        "Set one up with `POST /api/auth/mfa/totp`.",
    ),
    ErrorCode::new(
        "active_organization_unavailable",
        "The session was switched to an organization in which the caller is no active member any more.",
        "Switch to another organization, or send `X-Organization-Slug`.",
    ),
    ErrorCode::new(
        "not_found",
        "There is no such route, or it is for operators and the caller is none.",
        "Correct the path.",
    ),
    ErrorCode::new(
        "organization_not_found",
        "There is no such organization, it is disabled, or the caller is no active member; the answer is the same for all three.",
        "Choose one of `GET /api/organizations`.",
    ),
    ErrorCode::new(
        "method_not_allowed",
        "The path exists and does not take this method.",
        "Use a method that `Allow` lists.",
    ),
    ErrorCode::new(
        "request_timeout",
        "The head or the body did not arrive in time.",
        "Send the request again, faster. The limits are `TENANTRY__LIMITS__HEADER_SECONDS` and `…_REQUEST_SECONDS`.",
    ),
    ErrorCode::new(
        "payload_too_large",
        "The body is larger than `TENANTRY__LIMITS__BODY_BYTES`.",
        "Send less at a time.",
    ),
    ErrorCode::new(
        "headers_too_large",
        "The path and the headers are larger than 32 KiB.",
        "Send less; it is usually cookies of other programs.",
    ),
    ErrorCode::new(
        "unsupported_media_type",
        "The body is not `application/json` (for settings also `application/merge-patch+json`), or it is compressed.",
        "Set `Content-Type`, and leave `Content-Encoding` out.",
    ),
    ErrorCode::new(
        "validation_failed",
        "Some fields are not valid; `errors` names each with the rule that it breaks.",
        "Correct the fields.",
    ),
    ErrorCode::new(
        "rate_limited",
        "An address, account, caller or organization sent too many requests, or lets too many responses wait; `detail` names the limit.",
        "Wait as long as `Retry-After` says.",
    ),
    ErrorCode::new(
        "too_many_requests",
        "Too many requests, and no other code says of what.",
        "Wait as long as `Retry-After` says.",
    ),
    ErrorCode::new(
        "internal_error",
        "A bug of the server.",
        "Report the `request_id`; the log has the cause under it.",
    ),
    ErrorCode::new(
        "unavailable",
        "The request took longer than `TENANTRY__LIMITS__REQUEST_SECONDS`, a part of the server is away, or a write's large response can't wait to be read.",
        "Repeat a read after `Retry-After`. Before repeating a write, read whether it took effect.",
    ),
    ErrorCode::new(
        "overloaded",
        "The server has more requests, or responses that wait to be read, than it can take; this one changed nothing.",
        "Repeat the request after `Retry-After`.",
    ),
    ErrorCode::new(
        "database_unavailable",
        "The database can't be reached, or is too busy for this request.",
        "Repeat a read after `Retry-After`. Before repeating a write, read whether it took effect.",
    ),
];
