-- Creates the roles and the database. Run once, as the administrator:
--
--   psql --set ON_ERROR_STOP=1 --file scripts/postgres-roles.sql postgres://postgres@localhost/postgres
--
-- tenantry_owner owns the tables and runs migrations; tenantry_app reads and writes rows, subject
-- to row-level security; tenantry_backup reads every row of every organization, for backups only.
-- Set a password for each: \password tenantry_owner
CREATE ROLE tenantry_owner LOGIN NOSUPERUSER NOBYPASSRLS;
CREATE ROLE tenantry_app LOGIN NOSUPERUSER NOBYPASSRLS;
CREATE ROLE tenantry_backup LOGIN NOSUPERUSER BYPASSRLS;
GRANT pg_read_all_data TO tenantry_backup;
CREATE DATABASE tenantry OWNER tenantry_owner;
-- By default every role of the server may connect to it, and create temporary tables.
REVOKE ALL ON DATABASE tenantry FROM PUBLIC;
GRANT CONNECT ON DATABASE tenantry TO tenantry_app, tenantry_backup;
-- Large objects belong to their makers, so no backup could read them.
\connect tenantry
REVOKE EXECUTE ON FUNCTION lo_create(oid), lo_creat(integer), lo_from_bytea(oid, bytea) FROM PUBLIC;
