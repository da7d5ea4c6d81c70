//! The row of links of the operators' pages.

/// A part of the operators' pages: its label, its path, and whether it is for superusers only.
pub(super) const TABS: [(&str, &str, bool); 6] = [
    ("Organizations", "/admin/organizations", false),
    ("Members", "/admin/members", false),
    ("People", "/admin/people", true),
    ("Deletions", "/admin/deletions", true),
    ("Events", "/admin/events", true),
    ("Report", "/admin/report", true),
];
