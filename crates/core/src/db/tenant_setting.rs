//! The one place that sets the tenant of a statement or a transaction on Postgres. Without it the
//! row-level security policies show no row.

use sea_orm::{Statement, Values};

use crate::id::OrganizationId;

/// Starts a transaction that may write where the database's default lets it, and sets the tenant if
/// there is one.
pub(super) fn begin_with_tenant(tenant: Option<OrganizationId>) -> String {
    let setting = tenant.map(|tenant| set_local_tenant(Some(tenant)));
    format!("BEGIN; {}", setting.unwrap_or_default())
}

/// Adds the tenant setting to a single read, so that no transaction is needed.
///
/// Postgres evaluates the condition, which has no column in it, before it scans the first row, and
/// `OFFSET 0` is an optimization fence: the planner can't merge the read into the outer query and
/// scan a table before the policies see the tenant. The setting ends with the statement.
pub(super) fn scope_read_to_tenant(tenant: OrganizationId, statement: Statement) -> Statement {
    let Values(mut values) = statement.values.unwrap_or(Values(Vec::new()));
    values.push(tenant.to_string().into());
    let (read, condition) = (statement.sql, set_tenant_condition(values.len()));
    let fence = if has_offset(&read) { "" } else { "OFFSET 0" };
    let sql = format!("SELECT * FROM ({read} {fence}) AS found WHERE {condition}");
    Statement {
        sql,
        values: Some(Values(values)),
        db_backend: statement.db_backend,
    }
}

/// Whether a read ends with an offset of its own, which is as good a fence.
fn has_offset(read: &str) -> bool {
    let end = read.rsplit_once(" OFFSET $").map(|(_, number)| number);
    end.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A condition that sets the tenant to the value of that parameter, and is always true.
pub(super) fn set_tenant_condition(parameter: usize) -> String {
    format!("(SELECT set_config('app.organization_id', ${parameter}, true)) IS NOT NULL")
}

/// Sets the tenant for the rest of the transaction, or clears it.
pub(super) fn set_local_tenant(tenant: Option<OrganizationId>) -> String {
    let name = tenant.map_or_else(String::new, |tenant| tenant.to_string());
    format!("SET LOCAL app.organization_id = '{name}'")
}
