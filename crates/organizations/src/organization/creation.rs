//! Creating an organization with its first owner.

use tenantry_core::{
    access::{Actor, Role},
    id::UserId,
    value::Slug,
};
use tenantry_domain_events::events::organizations::OrganizationCreated;

use super::{
    model::{MyOrganization, NewOrganization},
    store,
};
use crate::{
    error::OrganizationsError,
    membership::model::NewMember,
    service::{Result, Service},
};

/// How many slugs are tried. From the second on they have a random suffix, so a third is rare.
const MAX_ATTEMPTS: usize = 5;

impl Service {
    /// Creates the organization under the requested slug, or under the first free one derived from
    /// its name.
    pub(super) async fn create_organization(
        &self,
        owner: UserId,
        actor: &Actor,
        new: NewOrganization,
    ) -> Result<MyOrganization> {
        if let Some(slug) = &new.slug {
            if self.is_reserved(slug) {
                return Err(OrganizationsError::SlugReserved);
            }
            return self.try_create(owner, actor, &new, slug.clone()).await;
        }
        let suggested = Slug::from_name(new.name.as_str());
        let suggested = suggested.filter(|slug| !self.is_reserved(slug));
        let mut next = suggested;
        for _ in 0..MAX_ATTEMPTS {
            let slug = match next.take() {
                Some(slug) => slug,
                None => self.with_suffix(&new),
            };
            match self.try_create(owner, actor, &new, slug).await {
                Err(OrganizationsError::SlugTaken) => {}
                result => return result,
            }
        }
        Err(OrganizationsError::SlugTaken)
    }

    fn is_reserved(&self, slug: &Slug) -> bool {
        self.deps.reserved_slugs.contains(slug.as_str())
    }

    fn with_suffix(&self, new: &NewOrganization) -> Slug {
        let suffix = self.db.runtime().random_token(5);
        Slug::from_name_with_suffix(new.name.as_str(), &suffix)
            .expect("a random token is valid in a slug")
    }

    /// One attempt is one unit of work: the table's unique constraint decides, not a read before
    /// the write.
    async fn try_create(
        &self,
        owner: UserId,
        actor: &Actor,
        new: &NewOrganization,
        slug: Slug,
    ) -> Result<MyOrganization> {
        let runtime = self.db.runtime();
        let now = runtime.now();
        let mut work = self.db.begin(actor);
        let rows = work.global().await?;
        let inserted =
            store::insert_organization(&rows, runtime.new_id(), &new.name, slug, now).await;
        let organization = inserted.map_err(|error| {
            if error.is_duplicate_of("organizations_slug_key") {
                OrganizationsError::SlugTaken
            } else {
                error.into()
            }
        })?;
        // Read after the insert, which waits for a concurrent deletion that retires the slug.
        // The slug of a dedicated deployment is exempt: nothing else could take it.
        let is_exempt = self.dedicated_slug() == Some(&organization.slug);
        if !is_exempt && store::is_retired(&rows, &organization.slug, now).await? {
            return Err(OrganizationsError::SlugTaken);
        }
        work.record(&OrganizationCreated {
            organization_id: organization.id,
            name: organization.name.clone(),
            created_by_user_id: owner,
        });
        let role = Role::Owner;
        let first = NewMember { user: owner, role };
        self.join(&mut work, organization.id, first, actor).await?;
        work.commit().await?;
        Ok(MyOrganization {
            id: organization.id,
            name: organization.name,
            slug: organization.slug,
            role,
            created_at: organization.created_at,
        })
    }
}
