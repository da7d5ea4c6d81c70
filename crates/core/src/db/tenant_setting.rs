//! How the organization is named to Postgres, whose policies give no row to a statement without one.
//! This is the one place that does.

use sea_orm::{Statement, Values};

use crate::id::OrganizationId;

/// Begins a transaction that may write, in the organization's name if there is one.
pub(super) fn beginning(organization: Option<OrganizationId>) -> String {
    let setting = organization.map(|it| tenant_setting(Some(it)));
    format!("BEGIN READ WRITE; {}", setting.unwrap_or_default())
}

/// Names the organization of one statement that reads, in the statement: a transaction would send
/// twice as much.
///
/// Postgres looks at the condition before it asks for the first row, and what ends with an `OFFSET`
/// is not taken apart to be read or joined earlier. Where it did, the policies would see no
/// organization, and give no row. The name is gone when the statement ends.
pub(super) fn in_the_name(organization: OrganizationId, statement: Statement) -> Statement {
    let Values(mut values) = statement.values.unwrap_or(Values(Vec::new()));
    values.push(organization.to_string().into());
    let (read, gate) = (statement.sql, gate(values.len()));
    let sql = format!("SELECT * FROM ({read} OFFSET 0) AS found WHERE {gate}");
    Statement {
        sql,
        values: Some(Values(values)),
        db_backend: statement.db_backend,
    }
}

/// The condition that names the organization at that place among the values, and always holds.
pub(super) fn gate(place: usize) -> String {
    format!("(SELECT set_config('app.organization_id', ${place}, true)) IS NOT NULL")
}

/// Names the organization of a transaction from here on, or takes the name back.
pub(super) fn tenant_setting(organization: Option<OrganizationId>) -> String {
    let name = organization.map_or_else(String::new, |it| it.to_string());
    format!("SET LOCAL app.organization_id = '{name}'")
}
