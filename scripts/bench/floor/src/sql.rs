//! The statements.

const BY_SESSION: &str = "
    SELECT m.user_id, m.organization_id, m.role
    FROM sessions s
    JOIN users u ON u.id = s.user_id AND u.is_active
    JOIN organization_members m ON m.user_id = u.id
    JOIN organizations o ON o.id = m.organization_id AND o.is_active
    WHERE s.key_hash = $1 AND s.expires_at > $2 AND s.last_seen_at > $3";

/// The organization that the session was switched to, or the oldest membership.
pub(crate) fn by_session() -> String {
    format!(
        "{BY_SESSION} AND (s.selected_organization IS NULL
                           OR s.selected_organization = m.organization_id)
         ORDER BY m.joined_at, m.id LIMIT 1"
    )
}

/// The organization that a header names.
pub(crate) fn by_slug() -> String {
    format!("{BY_SESSION} AND o.slug = $4")
}

/// The organization of a token, which a header may name.
pub(crate) const BY_TOKEN: &str = "
    SELECT m.user_id, m.organization_id, m.role
    FROM api_tokens t
    JOIN organization_members m
      ON m.organization_id = t.organization_id AND m.id = t.membership_id
    JOIN organizations o ON o.id = t.organization_id AND o.is_active
    JOIN users u ON u.id = t.user_id AND u.is_active AND u.credential_epoch = t.credential_epoch
    WHERE t.secret_hash = $1 AND (t.expires_at IS NULL OR t.expires_at > $2)
      AND ($3::text IS NULL OR o.slug = $3)";

/// A session's own organizations.
pub(crate) const OWN: &str = "
    SELECT o.id, o.name, o.slug, m.role, o.created_at
    FROM sessions s
    JOIN users u ON u.id = s.user_id AND u.is_active
    JOIN organization_members m ON m.user_id = u.id
    JOIN organizations o ON o.id = m.organization_id AND o.is_active
    WHERE s.key_hash = $1 AND s.expires_at > $2 AND s.last_seen_at > $3
    ORDER BY o.name_key, o.id LIMIT 21";

/// The newest projects of an organization, and one more to detect a further page.
pub(crate) const LIST: &str = "
    SELECT id, name, description, status, created_at, updated_at FROM projects
    WHERE organization_id = $1 ORDER BY created_at DESC, id DESC LIMIT 21";

/// One project.
pub(crate) const GET: &str = "
    SELECT id, name, description, status, created_at, updated_at FROM projects
    WHERE organization_id = $1 AND id = $2";

/// A project and its event, numbered in the organization's stream.
pub(crate) const CREATE: &str = "
    WITH counter AS (
      INSERT INTO event_streams AS s (stream_id, last_number) VALUES ($1, 1)
      ON CONFLICT (stream_id) DO UPDATE SET last_number = s.last_number + 1
      RETURNING last_number
    ), log AS (
      INSERT INTO event_log (stream_id, number, id, organization_id, name, version, kind,
                             actor_id, occurred_at, payload)
      SELECT $1, last_number, $7, $1, 'projects.project_created', 1, 'change', $8, $6, $9
      FROM counter
    )
    INSERT INTO projects (organization_id, id, name, name_key, description, status, version,
                          created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, 'draft', 1, $6, $6)
    RETURNING id, name, description, status, created_at, updated_at";
