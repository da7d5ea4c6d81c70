//! Creates the demo data. What an interrupted attempt left is reused.

use tenantry_core::{
    access::{
        Actor, ContextRequest, Credential, RequiredContext, Role, SessionCaller, TenantContext,
    },
    id::{OrganizationId, UserId},
};
use tenantry_module::DemoOrganization;
use tenantry_organizations::{NewInvitation, NewMember, NewOrganization, OrganizationsError};
use tenantry_users::{ClientInfo, Login, LoginOutcome, NewAccount, NewSession, OperatorFlags};

use super::{
    data::{INVITED, PASSWORD, PEOPLE, Person, TEAMS, Team},
    support::{failed, valid},
};
use crate::{
    Failure,
    app::{App, MODULES},
};

/// Creates everything that is missing, and returns the link of the pending invitation.
pub(super) async fn create_all(app: &App) -> Result<String, Failure> {
    for person in PEOPLE {
        account(app, person).await?;
    }
    let mut link = None;
    for team in TEAMS {
        let organization = organization(app, team).await?;
        let (caller, context) = owner(app, team).await?;
        if link.is_none() {
            link = Some(invitation(app, &context).await?);
        }
        fill(app, team, &context).await?;
        let signed_out = app.users.sign_out(&caller).await;
        signed_out.map_err(|e| failed(&e))?;
        // Last: complete members mark the demo data as complete.
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
    let made = app
        .users
        .create(account, flags, Actor::command_line())
        .await;
    made.map_err(|e| failed(&e)).map(drop)
}

async fn user(app: &App, email: &str) -> Result<Option<UserId>, Failure> {
    let found = app.users.find_by_email(&valid(email)).await;
    Ok(found.map_err(|e| failed(&e))?.map(|user| user.id))
}

async fn member(app: &App, email: &str) -> Result<UserId, Failure> {
    let id = user(app, email).await?;
    id.ok_or_else(|| Failure::Failed(format!("{email} was deleted meanwhile; run it again")))
}

async fn organization(app: &App, team: &Team) -> Result<OrganizationId, Failure> {
    let known = app
        .organizations
        .directory
        .find_by_slug(&valid(team.slug))
        .await;
    if let Some(known) = known.map_err(|e| failed(&e))? {
        return Ok(known.id);
    }
    let owner = member(app, team.members[0].0).await?;
    let new = NewOrganization {
        name: valid(team.name),
        slug: Some(valid(team.slug)),
    };
    let made = app.organizations.directory.create_for(owner, new).await;
    Ok(made.map_err(|e| failed(&e))?.id)
}

async fn members(app: &App, team: &Team, organization: OrganizationId) -> Result<(), Failure> {
    for (email, role) in team.members {
        let new = NewMember {
            user: member(app, email).await?,
            role: *role,
        };
        let added = app
            .organizations
            .members
            .add_member(organization, new, Actor::command_line())
            .await;
        match added {
            Ok(()) | Err(OrganizationsError::AlreadyMember) => {}
            Err(error) => return Err(failed(&error)),
        }
    }
    Ok(())
}

/// Signs the owner in: a session is the only way to get a context of an organization.
async fn owner(app: &App, team: &Team) -> Result<(SessionCaller, TenantContext), Failure> {
    let login = Login {
        email: valid(team.members[0].0),
        password: valid(PASSWORD),
    };
    let signed_in = app.users.sign_in(login, ClientInfo::default()).await;
    let LoginOutcome::SignedIn(NewSession { key, .. }) = signed_in.map_err(|e| failed(&e))? else {
        let what = "the demo account has a second factor".to_owned();
        return Err(Failure::Failed(what));
    };
    let request = ContextRequest {
        credential: Some(Credential::Session(key.expose().to_owned())),
        header: Some(valid(team.slug)),
        wanted: RequiredContext::ActiveTenant,
        request: None,
    };
    let resolved = app.organizations.resolver.resolve(request).await;
    let resolved = resolved.map_err(|e| failed(&e))?;
    let caller = SessionCaller::of(resolved.caller).expect("the credential is a session");
    Ok((caller, resolved.tenant.expect("a context was requested")))
}

/// Replaces the invitation that an interrupted attempt left.
async fn invitation(app: &App, context: &TenantContext) -> Result<String, Failure> {
    let new = NewInvitation::addressed(valid(INVITED), Role::Member);
    let sent = app.organizations.invitations.invite(context, new).await;
    Ok(sent.map_err(|e| failed(&e))?.accept_url)
}

/// What the modules add to an organization.
async fn fill(app: &App, team: &Team, context: &TenantContext) -> Result<(), Failure> {
    let demo = DemoOrganization {
        slug: team.slug,
        owner: context,
    };
    for module in MODULES {
        let seeded = module.seed(app, &demo).await;
        seeded.map_err(|e| failed(&*e))?;
    }
    Ok(())
}
