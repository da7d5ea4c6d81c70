//! What the module does when something happens elsewhere.

use async_trait::async_trait;
use tenantry_core::{
    id::OrganizationId,
    outbox::DeliveryMode,
    value::{Description, Name},
};
use tenantry_domain_events::{
    EventBus, EventContext, Listener, ListenerError,
    events::{organizations::OrganizationCreated, projects::ProjectCreated},
};

use crate::{ManageProjects, NewProject, ProjectStatus, store};

/// Registers the module's listeners. Without a name for a first project, nobody gets one.
pub fn subscribe(bus: &EventBus, first_project: Option<Name>) {
    // Whoever makes an organization looks into it next; so he waits.
    bus.subscribe::<OrganizationCreated>(DeliveryMode::Inline, FirstProject(first_project));
}

/// Every new organization begins with a draft of this name, where the operator wants it so.
struct FirstProject(Option<Name>);

#[async_trait]
impl Listener<OrganizationCreated> for FirstProject {
    fn name(&self) -> &'static str {
        "projects.first_project"
    }

    async fn on(
        &self,
        event: OrganizationCreated,
        handling: &mut EventContext<OrganizationId>,
    ) -> Result<(), ListenerError> {
        let Some(name) = self.0.clone() else {
            return Ok(());
        };
        let grant = handling.context().require::<ManageProjects>()?;
        let new = NewProject {
            name,
            description: Description::empty(),
            status: ProjectStatus::Draft,
        };
        // Committed with the note that this event was handled: there is one, never two.
        let work = handling.work();
        let (id, now) = (work.runtime().new_id(), work.runtime().now());
        let rows = work.tenant(&grant).await?;
        let project = store::insert(&rows, id, new, now).await?;
        work.record(&ProjectCreated {
            organization_id: grant.organization(),
            project_id: project.id,
            name: project.name,
            created_by_user_id: event.created_by_user_id,
        });
        Ok(())
    }
}
