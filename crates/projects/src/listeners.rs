//! The module's listeners.

use async_trait::async_trait;
use tenantry_core::{
    id::OrganizationId,
    outbox::DeliveryMode,
    value::{Description, Name},
};
use tenantry_domain_events::{
    EventBus, EventContext, Listener, ListenerError, events::organizations::OrganizationCreated,
};

use crate::{
    events::ProjectCreated,
    model::{ManageProjects, NewProject, ProjectStatus},
    store,
};

/// Registers the module's listeners. Without a name, no first project is created.
pub fn subscribe(bus: &EventBus, first_project: Option<Name>) {
    // Inline: the client that created the organization lists its projects next.
    bus.subscribe::<OrganizationCreated>(DeliveryMode::Inline, FirstProject(first_project));
}

/// Creates a draft project of this name in every new organization, if one is configured.
struct FirstProject(Option<Name>);

#[async_trait]
impl Listener<OrganizationCreated> for FirstProject {
    fn name(&self) -> &'static str {
        "projects.first_project"
    }

    async fn on(
        &self,
        event: OrganizationCreated,
        context: &mut EventContext<OrganizationId>,
    ) -> Result<(), ListenerError> {
        let Some(name) = self.0.clone() else {
            return Ok(());
        };
        let grant = context.tenant_context().require::<ManageProjects>()?;
        let new = NewProject {
            name,
            description: Description::empty(),
            status: ProjectStatus::Draft,
        };
        // Committed together with the delivery, so the project is created exactly once.
        let work = context.work();
        let (id, now) = (work.runtime().new_id(), work.runtime().now());
        let project = store::insert(work, &grant, id, new, now).await?;
        work.record(&ProjectCreated {
            organization_id: grant.organization(),
            project_id: project.id,
            name: project.name,
            created_by_user_id: event.created_by_user_id,
        });
        Ok(())
    }
}
