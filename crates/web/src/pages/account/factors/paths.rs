//! Addresses that the pages lead to.

/// The page that lists the factors.
pub(super) const SECURITY: &str = "/account/security";

/// Setting up an authenticator app.
pub(super) const APP: &str = "/account/security/app";
