//! What the head of a page shows of a person.

use tenantry_core::{
    access::{SessionCaller, TenantContext},
    value::{Name, Slug},
};
use tenantry_users::User;

use super::{
    model::{MEMBERSHIPS_SHOWN, MyOrganization},
    settings::model::TimeZone,
    store,
};
use crate::{
    error::OrganizationsError,
    service::{Result, Service},
};

/// A person, the person's organizations, and the organization of the page.
#[derive(Clone, Debug)]
pub struct Navigation {
    /// The account.
    pub user: User,
    /// The oldest memberships, in the order of joining, at most 100.
    pub organizations: Vec<MyOrganization>,
    /// Whether there are more of them.
    pub has_more: bool,
    /// The organization of the page.
    pub current: Option<CurrentOrganization>,
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
    pub(super) async fn navigation_of(
        &self,
        caller: &SessionCaller,
        ctx: Option<&TenantContext>,
    ) -> Result<Navigation> {
        let rows = self.db.read_global();
        let user = self.deps.users.user(caller.user()).await?;
        let only = self.dedicated_slug();
        let limit = MEMBERSHIPS_SHOWN as u64 + 1;
        let mut organizations = store::oldest_memberships(&rows, caller, only, limit).await?;
        let has_more = organizations.len() > MEMBERSHIPS_SHOWN;
        organizations.truncate(MEMBERSHIPS_SHOWN);
        let current = match ctx {
            Some(ctx) => {
                let found = store::organization(&rows, ctx.organization()).await?;
                let found = found.ok_or(OrganizationsError::NotFound)?;
                Some(CurrentOrganization {
                    name: found.name,
                    slug: found.slug,
                    timezone: found.settings.preferences.timezone,
                })
            }
            None => None,
        };
        Ok(Navigation {
            user,
            organizations,
            has_more,
            current,
        })
    }
}
