//! What is in the database before it is filled.

use tenantry_core::page::{PageRequest, PageSize};

use tenantry_users::UserFilter;

use super::{
    refused, valid,
    world::{PEOPLE, TEAMS, Team},
};
use crate::{Failure, app::App};

pub(super) enum Found {
    /// The whole demo world, whatever else there is.
    World,
    /// Nothing, or what an interrupted attempt left.
    Room,
    /// Something else.
    Others,
}

pub(super) async fn look(app: &App) -> Result<Found, Failure> {
    if is_complete(app).await? {
        return Ok(Found::World);
    }
    // The demo world fits on the first page, so a second one holds something else.
    let first = PageRequest {
        limit: PageSize::new(100).expect("100 is allowed"),
        cursor: None,
    };
    let users = app
        .users
        .list(&UserFilter::default(), &first)
        .await
        .map_err(|e| refused(&e))?;
    let organizations = app.organizations.list(&first).await;
    let organizations = organizations.map_err(|e| refused(&e))?;

    let is_demo = |email: &str| PEOPLE.iter().any(|person| person.email == email);
    let is_team = |slug: &str| TEAMS.iter().any(|team| team.slug == slug);
    let ours = users.items.iter().all(|user| is_demo(user.email.as_str()))
        && organizations.items.iter().all(|o| is_team(o.slug.as_str()))
        && users.next_cursor.is_none()
        && organizations.next_cursor.is_none();
    Ok(if ours { Found::Room } else { Found::Others })
}

/// Members are added last, so the world is complete when nobody is missing.
async fn is_complete(app: &App) -> Result<bool, Failure> {
    for person in PEOPLE {
        let found = app.users.find_by_email(&valid(person.email)).await;
        if found.map_err(|e| refused(&e))?.is_none() {
            return Ok(false);
        }
    }
    for team in TEAMS {
        if missing_members(app, team)
            .await?
            .is_none_or(|missing| missing > 0)
        {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn missing_members(app: &App, team: &Team) -> Result<Option<usize>, Failure> {
    let found = app.organizations.find_by_slug(&valid(team.slug)).await;
    let Some(organization) = found.map_err(|e| refused(&e))? else {
        return Ok(None);
    };
    let first = PageRequest::default();
    let members = app
        .organizations
        .member_report(organization.id, &first)
        .await;
    let members = members.map_err(|e| refused(&e))?.items.len();
    Ok(Some(team.members.len().saturating_sub(members)))
}
