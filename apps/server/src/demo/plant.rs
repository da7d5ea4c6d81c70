//! Making the demo world. What an interrupted attempt left is taken over.

use tenantry_core::{
    access::{
        Actor, ContextRequest, Credential, RequiredContext, Role, SessionCaller, TenantContext,
    },
    id::{OrganizationId, UserId},
    value::Description,
};
use tenantry_organizations::{NewInvitation, NewMember, NewOrganization, OrganizationsError};
use tenantry_projects::{NewProject, ProjectQuery};
use tenantry_users::{ClientInfo, Login, NewAccount, OperatorFlags};

use super::{
    refused, valid,
    world::{INVITED, PASSWORD, PEOPLE, Person, TEAMS, Team},
};
use crate::{Failure, app::App};

/// Makes it, and answers with the link of the pending invitation.
pub(super) async fn everything(app: &App) -> Result<String, Failure> {
    for person in PEOPLE {
        account(app, person).await?;
    }
    let mut link = None;
    for team in TEAMS {
        let organization = found(app, team).await?;
        let (caller, context) = owner(app, team).await?;
        if link.is_none() {
            link = Some(invitation(app, &context).await?);
        }
        projects(app, team, &context).await?;
        let signed_out = app.users.sign_out(&caller).await;
        signed_out.map_err(|e| refused(&e))?;
        // Last, because nobody missing is the sign of a complete world.
        members(app, team, organization).await?;
    }
    Ok(link.expect("there are teams"))
}

async fn account(app: &App, person: &Person) -> Result<(), Failure> {
    if user(app, person.email).await?.is_some() {
        return Ok(());
    }
    let account = NewAccount {
        email: valid(person.email),
        name: valid(person.name),
        password: valid(PASSWORD),
    };
    let flags = OperatorFlags {
        is_staff: person.is_superuser,
        is_superuser: person.is_superuser,
    };
    let made = app.users.create(account, flags, Actor::system()).await;
    made.map_err(|e| refused(&e)).map(drop)
}

async fn user(app: &App, email: &str) -> Result<Option<UserId>, Failure> {
    let found = app.users.find_by_email(&valid(email)).await;
    Ok(found.map_err(|e| refused(&e))?.map(|user| user.id))
}

async fn member(app: &App, email: &str) -> Result<UserId, Failure> {
    let id = user(app, email).await?;
    id.ok_or_else(|| Failure::Failed(format!("{email} is gone again; run it once more")))
}

async fn found(app: &App, team: &Team) -> Result<OrganizationId, Failure> {
    let known = app.organizations.find_by_slug(&valid(team.slug)).await;
    if let Some(known) = known.map_err(|e| refused(&e))? {
        return Ok(known.id);
    }
    let owner = member(app, team.members[0].0).await?;
    let new = NewOrganization {
        name: valid(team.name),
        slug: Some(valid(team.slug)),
    };
    let made = app.organizations.create_for(owner, new).await;
    Ok(made.map_err(|e| refused(&e))?.id)
}

async fn members(app: &App, team: &Team, organization: OrganizationId) -> Result<(), Failure> {
    for (email, role) in team.members {
        let new = NewMember {
            user: member(app, email).await?,
            role: *role,
        };
        let added = app
            .organizations
            .add_member(organization, new, Actor::system())
            .await;
        match added {
            Ok(()) | Err(OrganizationsError::AlreadyMember) => {}
            Err(error) => return Err(refused(&error)),
        }
    }
    Ok(())
}

/// The owner signs in like anybody: there is no other way into an organization.
async fn owner(app: &App, team: &Team) -> Result<(SessionCaller, TenantContext), Failure> {
    let login = Login {
        email: valid(team.members[0].0),
        password: valid(PASSWORD),
    };
    let signed_in = app.users.sign_in(login, ClientInfo::default()).await;
    let key = signed_in.map_err(|e| refused(&e))?.key;
    let question = ContextRequest {
        credential: Some(Credential::Session(key.expose().to_owned())),
        header: Some(valid(team.slug)),
        wanted: RequiredContext::ActiveTenant,
        request: None,
    };
    let admission = app.organizations.resolve(question).await;
    let admission = admission.map_err(|e| refused(&e))?;
    let caller = SessionCaller::of(admission.caller).expect("he came with a session");
    Ok((caller, admission.tenant.expect("a context was asked for")))
}

/// Takes the place of the one that an interrupted attempt left.
async fn invitation(app: &App, context: &TenantContext) -> Result<String, Failure> {
    let new = NewInvitation::addressed(valid(INVITED), Role::Member);
    let sent = app.organizations.invite(context, new).await;
    Ok(sent.map_err(|e| refused(&e))?.accept_url)
}

async fn projects(app: &App, team: &Team, context: &TenantContext) -> Result<(), Failure> {
    let known = app.projects.list(context, &ProjectQuery::default()).await;
    if known.map_err(|e| refused(&e))?.items.is_empty() {
        for (name, status) in team.projects {
            let new = NewProject {
                name: valid(name),
                description: Description::empty(),
                status: *status,
            };
            let made = app.projects.create(context, new).await;
            made.map_err(|e| refused(&e))?;
        }
    }
    Ok(())
}
