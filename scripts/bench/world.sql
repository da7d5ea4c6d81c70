-- Organizations with projects, and users with the password of the existing one. Each user is a member
-- of one organization, every tenth of a second one:
--
--   psql --set organizations=1000 --set people=10000 --set projects=1000 --file world.sql
INSERT INTO users (id, email, name, password_hash, is_active, is_staff, is_superuser, created_at, updated_at)
SELECT gen_random_uuid(), 'user' || n || '@example.com', 'User ' || n, first.password_hash,
       true, false, false, now(), now()
FROM generate_series(1, :people) n, users first;

INSERT INTO organizations (id, name, name_key, slug, is_active, created_at, updated_at)
SELECT gen_random_uuid(), 'Org ' || n, 'org ' || n, 'org-' || n, true, now(), now()
FROM generate_series(0, :organizations - 1) n;

INSERT INTO organization_members (organization_id, id, user_id, role, joined_at)
SELECT o.id, gen_random_uuid(), u.id, 'member', now()
FROM generate_series(1, :people) n
JOIN users u ON u.email = 'user' || n || '@example.com'
JOIN organizations o ON o.slug = 'org-' || n % :organizations;

INSERT INTO organization_members (organization_id, id, user_id, role, joined_at)
SELECT o.id, gen_random_uuid(), u.id, 'viewer', now() + interval '1 minute'
FROM generate_series(10, :people, 10) n
JOIN users u ON u.email = 'user' || n || '@example.com'
JOIN organizations o ON o.slug = 'org-' || (n + 7) % :organizations;

INSERT INTO projects (organization_id, id, name, name_key, description, status, version, created_at, updated_at)
SELECT o.id, gen_random_uuid(), 'Project ' || n, 'project ' || n,
       'What the project is about, in a sentence of a usual length, number ' || n || '.', 'active', 1,
       now() - n * interval '1 minute', now()
FROM organizations o, generate_series(1, :projects) n;

VACUUM ANALYZE;
