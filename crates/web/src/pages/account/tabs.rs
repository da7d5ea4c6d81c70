//! The row of links of the account's pages.

/// A part of the account's pages, in the row of links.
pub(super) const TABS: [(&str, &str); 5] = [
    ("Profile", "/account"),
    ("Security", "/account/security"),
    ("Sessions", "/account/sessions"),
    ("API tokens", "/account/tokens"),
    ("Activity", "/account/activity"),
];
