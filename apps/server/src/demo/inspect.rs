//! Inspects the database before it is filled.

use tenantry_core::page::{PageRequest, PageSize};

use tenantry_users::UserFilter;

use super::{
    data::{PEOPLE, TEAMS, Team},
    support::{failed, valid},
};
use crate::{Failure, app::App};

pub(super) enum DatabaseContent {
    /// All of the demo data, possibly among other data.
    Complete,
    /// Nothing, or part of the demo data left by an interrupted attempt.
    Fillable,
    /// Other data.
    Other,
}

pub(super) async fn inspect(app: &App) -> Result<DatabaseContent, Failure> {
    if is_complete(app).await? {
        return Ok(DatabaseContent::Complete);
    }
    // The demo data fits on the first page, so a second page holds other data.
    let first = PageRequest {
        limit: PageSize::new(100).expect("100 is allowed"),
        cursor: None,
    };
    let users = app
        .users
        .list(&UserFilter::default(), &first)
        .await
        .map_err(|e| failed(&e))?;
    let organizations = app.organizations.directory.list(&first).await;
    let organizations = organizations.map_err(|e| failed(&e))?;

    let is_demo = |email: &str| PEOPLE.iter().any(|person| person.email == email);
    let is_team = |slug: &str| TEAMS.iter().any(|team| team.slug == slug);
    let ours = users.items.iter().all(|user| is_demo(user.email.as_str()))
        && organizations.items.iter().all(|o| is_team(o.slug.as_str()))
        && users.next_cursor.is_none()
        && organizations.next_cursor.is_none();
    Ok(if ours {
        DatabaseContent::Fillable
    } else {
        DatabaseContent::Other
    })
}

/// Members are added last, so the demo data is complete when no member is missing.
async fn is_complete(app: &App) -> Result<bool, Failure> {
    for person in PEOPLE {
        let found = app.users.find_by_email(&valid(person.email)).await;
        if found.map_err(|e| failed(&e))?.is_none() {
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
    let found = app
        .organizations
        .directory
        .find_by_slug(&valid(team.slug))
        .await;
    let Some(organization) = found.map_err(|e| failed(&e))? else {
        return Ok(None);
    };
    let first = PageRequest::default();
    let members = app
        .organizations
        .members
        .member_report(organization.id, &first)
        .await;
    let members = members.map_err(|e| failed(&e))?.items.len();
    Ok(Some(team.members.len().saturating_sub(members)))
}
