//! What the head of a page shows of a person.

use tenantry_core::{
    access::{SessionCaller, TenantContext},
    db::ColumnFilter as _,
    orm::Order,
    value::{Name, Slug},
};
use tenantry_users::{Email, UsersError};

use super::{
    model::{MEMBERSHIPS_SHOWN, MyOrganization},
    settings::model::TimeZone,
    store,
};
use crate::{
    entity::navigation_entry::{Column, Entity, Model},
    error::OrganizationsError,
    service::{Result, Service},
};

/// A person, the person's organizations, and the organization of the page.
#[derive(Clone, Debug)]
pub struct Navigation {
    /// The person's name.
    pub name: Name,
    /// The account's address.
    pub email: Email,
    /// Whether the person is an operator.
    pub is_operator: bool,
    /// The oldest memberships, in the order of joining, at most 100.
    pub organizations: Vec<MyOrganization>,
    /// Whether there are more of them.
    pub has_more: bool,
    /// The organization of the page.
    pub current: Option<CurrentOrganization>,
    /// For a page of no organization: the name of the one that the session is in.
    pub selected: Option<Name>,
}

/// The organization that a page belongs to.
#[derive(Clone, Debug)]
pub struct CurrentOrganization {
    /// Its name.
    pub name: Name,
    /// Its slug.
    pub slug: Slug,
    /// The time zone of its preferences.
    pub timezone: TimeZone,
}

impl Service {
    /// One query for a page of an organization, and another one only for a person with more
    /// organizations than are shown; two for another page.
    pub(super) async fn navigation_of(
        &self,
        caller: &SessionCaller,
        ctx: Option<&TenantContext>,
    ) -> Result<Navigation> {
        let rows = self.db.read_global();
        let found = rows
            .find::<Entity>()
            .filter(Column::UserId.eq(caller.user()))
            .order_by(Column::JoinedAt, Order::Asc)
            .order_by(Column::Id, Order::Asc);
        let mut entries = found.limit(MEMBERSHIPS_SHOWN as u64 + 1).all().await?;
        let has_more = entries.len() > MEMBERSHIPS_SHOWN;
        entries.truncate(MEMBERSHIPS_SHOWN);
        let Some(Model {
            user_name,
            email,
            is_operator,
            ..
        }) = entries.first().cloned()
        else {
            return Err(UsersError::UserNotFound.into());
        };
        let current = match ctx {
            Some(ctx) => match entries
                .iter()
                .find(|entry| entry.organization_id == Some(ctx.organization()))
                .and_then(current)
            {
                None => Some(self.read_current(ctx).await?),
                known => known,
            },
            None => None,
        };
        let only = self.dedicated_slug();
        let organizations = entries.into_iter().filter_map(own);
        let organizations: Vec<_> = organizations
            .filter(|own| only.is_none_or(|only| own.slug == *only))
            .collect();
        let selected = match ctx {
            Some(_) => None,
            None => {
                self.current(&rows, caller, &organizations, has_more)
                    .await?
            }
        };
        Ok(Navigation {
            name: user_name,
            email,
            is_operator,
            organizations,
            has_more,
            current,
            selected: selected.map(|organization| organization.name),
        })
    }

    async fn read_current(&self, ctx: &TenantContext) -> Result<CurrentOrganization> {
        let found = store::organization(&self.db.read_global(), ctx.organization()).await?;
        let found = found.ok_or(OrganizationsError::NotFound)?;
        Ok(CurrentOrganization {
            name: found.name,
            slug: found.slug,
            timezone: found.settings.preferences.timezone,
        })
    }
}

fn current(entry: &Model) -> Option<CurrentOrganization> {
    let timezone = entry.timezone.as_deref();
    let timezone = timezone.and_then(|zone| zone.parse().ok());
    Some(CurrentOrganization {
        name: entry.name.clone()?,
        slug: entry.slug.clone()?,
        timezone: timezone.unwrap_or_default(),
    })
}

fn own(entry: Model) -> Option<MyOrganization> {
    Some(MyOrganization {
        id: entry.organization_id?,
        name: entry.name?,
        slug: entry.slug?,
        role: entry.role?,
        created_at: entry.created_at?,
    })
}
