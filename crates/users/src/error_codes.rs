//! The module's codes, for the reference of error codes.

use tenantry_core::error::ErrorCode;

/// The error codes of this crate.
pub const ERROR_CODES: &[ErrorCode] = &[
    ErrorCode::new(
        "email_taken",
        "Another account has this e-mail address.",
        "Sign in with it, or use another address.",
    ),
    ErrorCode::new(
        "invalid_credentials",
        "The e-mail address or the password is wrong, or the account is disabled; the answer is the same for all three.",
        "Correct them, or ask for a link with `POST /api/auth/password/forgot`. Operators reset a password with `tenantry user reset-password`.",
    ),
    ErrorCode::new(
        "wrong_password",
        "`current_password` is not the account's password.",
        "Send the current password.",
    ),
    ErrorCode::new(
        "wrong_code",
        "The code of the second factor is wrong, or was used before.",
        "Send the code that the authenticator app shows now, or a recovery code that was not used.",
    ),
    ErrorCode::new(
        "login_expired",
        "The login took longer than five minutes, had five wrong codes, or the account was changed meanwhile.",
        "Begin again with `POST /api/auth/login`.",
    ),
    ErrorCode::new(
        "second_factor_exists",
        "The account has an authenticator app.",
        "Remove it with `DELETE /api/auth/mfa/totp` before another one is set up.",
    ),
    ErrorCode::new(
        "no_enrolment",
        "No authenticator app waits to be confirmed, or another request replaced it.",
        "Begin with `POST /api/auth/mfa/totp`.",
    ),
    ErrorCode::new(
        "second_factor_not_found",
        "The account has no second factor of this kind.",
        "See what is set up with `GET /api/auth/mfa`.",
    ),
    ErrorCode::new(
        "passkeys_unavailable",
        "Passkeys belong to the name of a server, and this one is reached by a number.",
        "Open it by its name. Operators set `TENANTRY__SERVER__PUBLIC_URL` to an address with one; on one's own machine it is `localhost`.",
    ),
    ErrorCode::new(
        "passkey_invalid",
        "The browser's answer does not belong to a challenge of this session of the last five minutes, the challenge was used, an account has the passkey, or the authenticator did not verify the person.",
        "Begin again, on a page of this server.",
    ),
    ErrorCode::new(
        "passkey_refused",
        "No active account has this passkey, it did not sign the challenge of this login, or the login took longer than five minutes; the answer is the same for all of them.",
        "Begin again with `POST /api/auth/login/passkey/begin`, or sign in with the password.",
    ),
    ErrorCode::new(
        "too_many_passkeys",
        "The account has twenty passkeys.",
        "Remove one that is not used any more.",
    ),
    ErrorCode::new(
        "passkey_not_found",
        "The caller has no passkey with this id.",
        "Take the id from `GET /api/auth/mfa`.",
    ),
    ErrorCode::new(
        "link_dead",
        "The mailed link was used, replaced by a newer one, or has expired; or it never existed.",
        "Ask for a new link.",
    ),
    ErrorCode::new(
        "too_many_mails",
        "The address got as many mails of this kind in the last hour as it may.",
        "Use the newest mail, or repeat the request after `Retry-After`.",
    ),
    ErrorCode::new(
        "user_not_found",
        "There is no account with this id.",
        "Take the id from `GET /api/admin/users`.",
    ),
    ErrorCode::new(
        "session_not_found",
        "The caller has no session with this id.",
        "Take the id from `GET /api/auth/sessions`.",
    ),
    ErrorCode::new(
        "too_many_logins",
        "Too many passwords are being hashed at this moment.",
        "Repeat the request after `Retry-After`.",
    ),
];
