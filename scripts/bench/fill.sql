-- 500 users with the password of the existing one, 200 organizations with 500 projects each; every
-- user is a member of one organization.
INSERT INTO users (id, email, name, password_hash, is_active, is_staff, is_superuser, created_at, updated_at)
SELECT gen_random_uuid(), 'user' || n || '@example.com', 'User ' || n, first.password_hash,
       true, false, false, now(), now()
FROM generate_series(1, 500) n, users first;

INSERT INTO organizations (id, name, name_key, slug, is_active, created_at, updated_at)
SELECT gen_random_uuid(), 'Org ' || n, 'org ' || n, 'org-' || n, true, now(), now()
FROM generate_series(0, 199) n;

INSERT INTO organization_members (organization_id, id, user_id, role, joined_at)
SELECT o.id, gen_random_uuid(), u.id, 'member', now()
FROM generate_series(1, 500) n
JOIN users u ON u.email = 'user' || n || '@example.com'
JOIN organizations o ON o.slug = 'org-' || n % 200;

INSERT INTO projects (organization_id, id, name, name_key, description, status, version, created_at, updated_at)
SELECT o.id, gen_random_uuid(), 'Project ' || n, 'project ' || n, 'What it is about', 'active', 1,
       now() - n * interval '1 minute', now()
FROM organizations o, generate_series(1, 500) n;

VACUUM ANALYZE;
