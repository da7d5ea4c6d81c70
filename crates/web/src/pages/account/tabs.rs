//! The row of links of the account's pages.

/// A part of the account's pages, in the row of links.
pub(super) const TABS: [(&str, &str); 6] = [
    ("Profile", "/account"),
    ("E-mail address", "/account/email"),
    ("Security", "/account/security"),
    ("Sessions", "/account/sessions"),
    ("API tokens", "/account/tokens"),
    ("Activity", "/account/activity"),
];
