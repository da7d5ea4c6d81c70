//! The model's predicted responses.

use tenantry_core::{access::Role, value::sort_key};

use super::{
    request::new_name,
    response::{self, Response},
    state::{Model, Organization, Project, Session},
    step::{Command, Person, Pick, Slug},
};

type Outcome = Result<Response, Response>;

impl Model {
    /// Applies the request to the model and predicts the response.
    pub(super) fn predict(
        &mut self,
        step: usize,
        browser: usize,
        header: Option<Slug>,
        command: &Command,
    ) -> Response {
        let outcome = match command {
            Command::SignUp(person) => self.sign_up(browser, person),
            Command::LogIn(person) => self.log_in(browser, person),
            _ => self.predict_for_caller(step, browser, header, command),
        };
        outcome.unwrap_or_else(|refusal| refusal)
    }

    fn sign_up(&mut self, browser: usize, person: Person) -> Outcome {
        if self.people.contains_key(person) {
            return Err(Response::rejected(409, "email_taken"));
        }
        self.people.insert(person, true);
        self.begin_session(browser, person);
        Ok(Response::of(201, [person.to_owned()]))
    }

    fn log_in(&mut self, browser: usize, person: Person) -> Outcome {
        if self.people.get(person) != Some(&true) {
            return Err(Response::rejected(401, "invalid_credentials"));
        }
        self.begin_session(browser, person);
        Ok(Response::of(200, [person.to_owned()]))
    }

    fn begin_session(&mut self, browser: usize, person: Person) {
        self.browsers[browser] = Some(Session {
            person,
            selected: None,
        });
    }

    /// The organization that a request acts in, if it is authorized.
    pub(super) fn acts_in(&self, browser: usize, header: Option<Slug>) -> Option<Slug> {
        let session = self.browsers[browser]?;
        let (organization, _) = self.organization_of_request(session, header).ok()?;
        Some(organization)
    }

    fn predict_for_caller(
        &mut self,
        step: usize,
        browser: usize,
        header: Option<Slug>,
        command: &Command,
    ) -> Outcome {
        let session = self.browsers[browser];
        let session = session.ok_or_else(|| Response::rejected(401, "not_authenticated"))?;
        if self.people.get(session.person) != Some(&true) {
            return Err(Response::rejected(401, "invalid_credential"));
        }
        match command {
            Command::LogOut => {
                self.browsers[browser] = None;
                Ok(Response::empty(204))
            }
            Command::Me => Ok(self.me(session)),
            Command::Organizations { .. } => Ok(self.own_organizations(session.person)),
            Command::CreateOrganization(slug) => self.create_organization(session.person, slug),
            Command::Organization(slug) => {
                let role = self.named(session, header, slug)?;
                Ok(self.organization(slug, role))
            }
            Command::RenameOrganization(slug) => {
                let role = self.named(session, header, slug)?;
                at_least(Role::Admin, role)?;
                if let Some(found) = self.organizations.get_mut(slug) {
                    found.name = new_name(step);
                }
                Ok(self.organization(slug, role))
            }
            Command::Members { of, .. } => {
                self.named(session, header, of)?;
                let members = self.members.iter().filter(|one| one.organization == *of);
                let lines = members.map(|one| response::member(one.person, one.role));
                Ok(Response::of(200, lines.rev()))
            }
            Command::Switch(slug) => {
                self.named(session, header, slug)?;
                let selected = Some(*slug);
                self.browsers[browser] = Some(Session {
                    selected,
                    ..session
                });
                Ok(Response::of(200, [response::current(selected)]))
            }
            _ => {
                let (organization, role) = self.organization_of_request(session, header)?;
                self.predict_for_member(step, session.person, organization, role, command)
            }
        }
    }

    /// The response to a command in the organization that the request acts in.
    fn predict_for_member(
        &mut self,
        step: usize,
        person: Person,
        organization: Slug,
        role: Role,
        command: &Command,
    ) -> Outcome {
        match command {
            Command::CurrentOrganization => return Ok(self.organization(organization, role)),
            Command::Projects { by_name, .. } => {
                return Ok(self.list(person, organization, *by_name));
            }
            Command::Project(_) => {}
            _ => at_least(self.rules.writers, role)?,
        }
        match command {
            Command::CreateProject => {
                let name = new_name(step);
                self.labels.push(name.clone());
                self.projects.push(Project {
                    label: name.clone(),
                    organization,
                    name,
                    status: "draft",
                });
                let made = self.projects.last();
                Ok(Response::of(201, made.map(line)))
            }
            Command::RenameProject(pick) => {
                let project = self.project(organization, *pick)?;
                project.name = new_name(step);
                Ok(Response::of(200, [line(project)]))
            }
            Command::DeleteProject(pick) => {
                let label = self.project(organization, *pick)?.label.clone();
                self.projects.retain(|one| one.label != label);
                Ok(Response::empty(204))
            }
            Command::SetStatus { of, status } => {
                for pick in of {
                    self.project(organization, *pick)?;
                }
                let mut lines = Vec::new();
                for pick in of {
                    let project = self.project(organization, *pick)?;
                    project.status = status;
                    lines.push(line(project));
                }
                lines.sort();
                lines.dedup();
                Ok(Response::of(200, lines))
            }
            Command::Project(pick) => {
                let project = self.project(organization, *pick)?;
                Ok(Response::of(200, [line(project)]))
            }
            other => unreachable!("{other:?} is not about one organization's projects"),
        }
    }

    /// The user's role in an open organization.
    fn role(&self, person: Person, slug: Slug) -> Option<Role> {
        let mut own = self.memberships(person);
        Some(own.find(|one| one.organization == slug)?.role)
    }

    /// The role in the organization that the path names.
    fn named(&self, session: Session, header: Option<Slug>, slug: Slug) -> Result<Role, Response> {
        let role = self.role(session.person, slug).ok_or_else(not_found)?;
        match header {
            Some(other) if other != slug => {
                Err(Response::rejected(400, "organization_context_conflict"))
            }
            _ => Ok(role),
        }
    }

    /// The request's organization: the header, else the session, else the oldest membership.
    fn organization_of_request(
        &self,
        session: Session,
        header: Option<Slug>,
    ) -> Result<(Slug, Role), Response> {
        let with_role = |slug| Some((slug, self.role(session.person, slug)?));
        let oldest = || {
            let first = self.memberships(session.person).next();
            first.map(|one| (one.organization, one.role))
        };
        match (header, session.selected) {
            (Some(slug), _) => with_role(slug).ok_or_else(not_found),
            (None, Some(slug)) => {
                let fallback = if self.rules.lost_sessions_fall_back {
                    oldest()
                } else {
                    None
                };
                let lost = || Response::rejected(403, "active_organization_unavailable");
                with_role(slug).or(fallback).ok_or_else(lost)
            }
            (None, None) => {
                oldest().ok_or_else(|| Response::rejected(400, "organization_required"))
            }
        }
    }

    fn me(&self, session: Session) -> Response {
        let own = || self.memberships(session.person);
        let mut lines = vec![session.person.to_owned()];
        lines.extend(own().map(|one| response::membership(one.organization, one.role)));
        let current = match session.selected {
            Some(slug) => own().map(|one| one.organization).find(|one| *one == slug),
            None => own().map(|one| one.organization).next(),
        };
        lines.push(response::current(current));
        Response::of(200, lines)
    }

    fn own_organizations(&self, person: Person) -> Response {
        let mut own: Vec<_> = self.memberships(person).collect();
        own.sort_by_key(|one| sort_key(&self.organizations[one.organization].name));
        let lines = own.iter().map(|one| self.line(one.organization, one.role));
        Response::of(200, lines)
    }

    fn create_organization(&mut self, owner: Person, slug: Slug) -> Outcome {
        if self.organizations.contains_key(slug) {
            return Err(Response::rejected(409, "slug_taken"));
        }
        let (name, open) = (slug.to_owned(), true);
        self.organizations.insert(slug, Organization { name, open });
        self.join(slug, owner, Role::Owner);
        Ok(Response::of(201, [self.line(slug, Role::Owner)]))
    }

    fn organization(&self, slug: Slug, role: Role) -> Response {
        Response::of(200, [self.line(slug, role)])
    }

    fn line(&self, slug: Slug, role: Role) -> String {
        response::organization(slug, &self.organizations[slug].name, role)
    }

    fn list(&self, person: Person, organization: Slug, by_name: bool) -> Response {
        let all_organizations = self.rules.lists_span_organizations;
        let visible = |one: &&Project| {
            one.organization == organization
                || all_organizations && self.role(person, one.organization).is_some()
        };
        let mut found: Vec<_> = self.projects.iter().rev().filter(visible).collect();
        if by_name {
            found.sort_by_key(|one| sort_key(&one.name));
        }
        Response::of(200, found.into_iter().map(line))
    }

    fn project(&mut self, organization: Slug, pick: Pick) -> Result<&mut Project, Response> {
        let label = self.label(Some(organization), pick);
        let mut all = self.projects.iter_mut();
        let found = all.find(|one| one.label == label && one.organization == organization);
        found.ok_or_else(|| Response::rejected(404, "project_not_found"))
    }
}

fn line(project: &Project) -> String {
    response::project(&project.name, project.status)
}

fn at_least(lowest: Role, role: Role) -> Result<(), Response> {
    if role < lowest {
        return Err(Response::rejected(403, "permission_denied"));
    }
    Ok(())
}

fn not_found() -> Response {
    Response::rejected(404, "organization_not_found")
}
