//! What a job holds.

use crate::{
    db::{DbError, connection::Connection},
    id::Uuid,
};

/// Deletes what a job holds. The transaction's tenant is its organization.
pub(crate) async fn delete_content(
    connection: &Connection,
    organization: Uuid,
    id: Uuid,
) -> Result<(), DbError> {
    let deleted = connection.query(
        "DELETE FROM jobs WHERE organization_id = $1 AND id = $2",
        [organization.into(), id.into()],
    );
    deleted.await?;
    Ok(())
}
