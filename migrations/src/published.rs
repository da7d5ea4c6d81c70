//! What migrations publish with the rights of the owner.

use tenantry_core::db::Published;

/// The views that show some columns across organizations, and the functions that write the log of
/// events. Each was reviewed; every other view or function with the rights of its owner is refused.
///
/// A view that its migration makes `WITH (security_invoker = true)` needs no place here.
pub const PUBLISHED: Published = Published {
    views: &[
        "account_last_use",
        "active_memberships",
        "active_owners",
        "active_users",
        "held_tokens",
        "invitation_states",
        "known_memberships",
        "live_sessions",
        "live_tokens",
        "member_counts",
        "member_profiles",
        "navigation_entries",
        "open_invitations",
        "personal_events",
        "project_usage",
        "second_factor_users",
        "sent_invitations",
        "user_profiles",
        "verified_users",
    ],
    functions: &[
        "prune_event_log(text, timestamp with time zone, bigint)",
        "redact_event_log(uuid, bigint, bigint)",
    ],
};
