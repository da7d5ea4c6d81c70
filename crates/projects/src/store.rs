//! The statements. All run on rows of one organization.

use std::collections::BTreeSet;

use tenantry_core::{
    access::Grant,
    clock::Timestamp,
    db::{ColumnFilter as _, DbError, Filter, KeysetOrder, TenantRows, UnitOfWork},
    orm::{Order, Set},
    page::{Page, PageError},
    value::{Name, search_key},
    version::Precondition,
};

use crate::{
    entity::{ActiveModel, Column, Entity, Model},
    model::{
        ManageProjects, NewProject, Project, ProjectChange, ProjectId, ProjectQuery, ProjectSort,
        ProjectStatus,
    },
};

impl From<Model> for Project {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            status: row.status,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

impl ProjectSort {
    /// Each order has an index on the organization and exactly these columns.
    fn columns(self) -> KeysetOrder<Entity> {
        let (columns, order) = match self {
            Self::Name => (vec![Column::SortKey, Column::Id], Order::Asc),
            Self::Newest => (vec![Column::CreatedAt, Column::Id], Order::Desc),
        };
        KeysetOrder {
            name: self.as_str(),
            columns,
            order,
        }
    }
}

pub(crate) async fn list(
    rows: &TenantRows<'_>,
    query: &ProjectQuery,
) -> Result<Page<Project>, PageError> {
    let status = query.status.map(|status| Column::Status.eq(status));
    let search = query.search.as_ref();
    let search = search.map(|search| Column::SearchKey.contains(&search_key(search)));
    let selection = Filter::all(status.into_iter().chain(search));
    let found = rows.find::<Entity>();
    let order = query.sort.columns();
    let page = found.selected_page(selection, &order, &query.page).await?;
    Ok(page.map(Project::from))
}

pub(crate) async fn find(rows: &TenantRows<'_>, id: ProjectId) -> Result<Option<Project>, DbError> {
    let found = rows
        .find::<Entity>()
        .filter(Column::Id.eq(id))
        .one()
        .await?;
    Ok(found.map(Project::from))
}

pub(crate) async fn count(rows: &TenantRows<'_>) -> Result<u64, DbError> {
    rows.find::<Entity>().count().await
}

pub(crate) async fn insert(
    work: &mut UnitOfWork,
    grant: &Grant<ManageProjects>,
    id: ProjectId,
    new: NewProject,
    now: Timestamp,
) -> Result<Project, DbError> {
    let row = ActiveModel {
        id: Set(id),
        name_key: Set(new.name.lower_case()),
        search_key: Set(new.name.search_key()),
        sort_key: Set(new.name.sort_key()),
        name: Set(new.name),
        description: Set(new.description),
        status: Set(new.status),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    Ok(work.insert::<Entity>(grant, row).await?.into())
}

/// Changes the project, if it exists and the precondition holds.
pub(crate) async fn update(
    rows: &TenantRows<'_>,
    id: ProjectId,
    change: ProjectChange,
    expected: &Precondition,
    now: Timestamp,
) -> Result<Option<Project>, DbError> {
    let changed = rows
        .update::<Entity>()
        .filter(by_id_and_version(id, expected))
        .set_some(Column::NameKey, change.name.as_ref().map(Name::lower_case))
        .set_some(
            Column::SearchKey,
            change.name.as_ref().map(Name::search_key),
        )
        .set_some(Column::SortKey, change.name.as_ref().map(Name::sort_key))
        .set_some(Column::Name, change.name)
        .set_some(Column::Description, change.description)
        .set_some(Column::Status, change.status)
        .add(Column::Version, 1)
        .set(Column::UpdatedAt, now)
        .returning()
        .await?;
    Ok(changed.into_iter().next().map(Project::from))
}

/// The project, locked.
pub(crate) async fn lock(rows: &TenantRows<'_>, id: ProjectId) -> Result<Option<Project>, DbError> {
    let found = rows.find::<Entity>().filter(Column::Id.eq(id)).for_update();
    Ok(found.one().await?.map(Project::from))
}

/// Those of these projects that exist, locked in a fixed order, so that concurrent changes of the same
/// projects can't deadlock.
pub(crate) async fn lock_all(
    rows: &TenantRows<'_>,
    ids: &BTreeSet<ProjectId>,
) -> Result<Vec<Project>, DbError> {
    let selected = Column::Id.is_in(ids.iter().copied());
    let locked = rows.find::<Entity>().filter(selected).for_update();
    let locked = locked.order_by(Column::Id, Order::Asc).all().await?;
    Ok(locked.into_iter().map(Project::from).collect())
}

/// Up to `limit` active projects that did not change since then, locked in the order of
/// [`lock_all`].
pub(crate) async fn lock_idle(
    rows: &TenantRows<'_>,
    since: Timestamp,
    limit: u64,
) -> Result<Vec<Project>, DbError> {
    let idle = Column::Status.eq(ProjectStatus::Active);
    let idle = idle.and(Column::UpdatedAt.lt(since));
    let locked = rows.find::<Entity>().filter(idle).for_update();
    let locked = locked.order_by(Column::Id, Order::Asc).limit(limit);
    Ok(locked.all().await?.into_iter().map(Project::from).collect())
}

/// Sets the status of these projects.
pub(crate) async fn set_status(
    rows: &TenantRows<'_>,
    ids: &BTreeSet<ProjectId>,
    status: ProjectStatus,
    now: Timestamp,
) -> Result<Vec<Project>, DbError> {
    let changed = rows
        .update::<Entity>()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .set(Column::Status, status)
        .add(Column::Version, 1)
        .set(Column::UpdatedAt, now)
        .returning()
        .await?;
    Ok(changed.into_iter().map(Project::from).collect())
}

/// Deletes the project, if it exists and the precondition holds.
pub(crate) async fn delete(
    rows: &TenantRows<'_>,
    id: ProjectId,
    expected: &Precondition,
) -> Result<bool, DbError> {
    let delete = rows
        .delete::<Entity>()
        .filter(by_id_and_version(id, expected));
    Ok(delete.exec().await? > 0)
}

fn by_id_and_version(id: ProjectId, expected: &Precondition) -> Filter {
    let by_id = Column::Id.eq(id);
    match expected {
        Precondition::None | Precondition::Any => by_id,
        Precondition::OneOf(versions) => by_id.and(Column::Version.is_in(versions.iter().copied())),
    }
}
