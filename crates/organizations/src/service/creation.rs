//! Making an organization, with its first owner.

use tenantry_core::{
    access::{Actor, Role},
    value::Slug,
};
use tenantry_domain_events::events::organizations::OrganizationCreated;

use super::{Result, implementation::Service};
use crate::{MyOrganization, NewMember, NewOrganization, OrganizationsError, store};
use tenantry_core::id::UserId;

/// How many slugs are tried. The second has a random suffix, so a third is rare luck.
const ATTEMPTS: usize = 5;

impl Service {
    /// Makes the organization under the slug that was asked for, or under the first free one
    /// that its name suggests.
    pub(super) async fn make(
        &self,
        owner: UserId,
        actor: Actor,
        new: NewOrganization,
    ) -> Result<MyOrganization> {
        if let Some(slug) = &new.slug {
            return self.try_make(owner, actor, &new, slug.clone()).await;
        }
        let suggested = Slug::from_name(new.name.as_str());
        let mut next = suggested;
        for _ in 0..ATTEMPTS {
            let slug = match next.take() {
                Some(slug) => slug,
                None => self.with_suffix(&new),
            };
            match self.try_make(owner, actor, &new, slug).await {
                Err(OrganizationsError::SlugTaken) => {}
                made => return made,
            }
        }
        Err(OrganizationsError::SlugTaken)
    }

    fn with_suffix(&self, new: &NewOrganization) -> Slug {
        let letters = self.db.runtime().random_token(5);
        Slug::from_name_with_suffix(new.name.as_str(), &letters)
            .expect("letters are fit for a slug")
    }

    /// One attempt is one unit of work: the uniqueness rule of the table decides, not a look
    /// before the write.
    async fn try_make(
        &self,
        owner: UserId,
        actor: Actor,
        new: &NewOrganization,
        slug: Slug,
    ) -> Result<MyOrganization> {
        let runtime = self.db.runtime();
        let now = runtime.now();
        let mut work = self.db.begin(actor);
        let rows = work.global().await?;
        let made = store::insert_organization(&rows, runtime.new_id(), &new.name, slug, now).await;
        let organization = made.map_err(|error| {
            if error.is_duplicate_of("organizations_slug_key") {
                OrganizationsError::SlugTaken
            } else {
                error.into()
            }
        })?;
        // Asked after the insert, which waits for whoever gives the slug up at this moment.
        // The one slug of a dedicated deployment is the operator's own: nobody else could get it.
        let is_ours = self.only() == Some(&organization.slug);
        if !is_ours && store::is_retired(&rows, &organization.slug, now).await? {
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
