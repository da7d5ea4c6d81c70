//! What the model says that the server will say.

use tenantry_core::access::Role;

use super::{
    call::new_name,
    said::{self, Said},
    state::{Model, Organization, Project, Session},
    step::{Person, Pick, Slug, Wish},
};

type Outcome = Result<Said, Said>;

impl Model {
    /// Does what the request does, and says what the answer will be.
    pub(super) fn answer(
        &mut self,
        step: usize,
        browser: usize,
        header: Option<Slug>,
        wish: &Wish,
    ) -> Said {
        let outcome = match wish {
            Wish::SignUp(person) => self.sign_up(browser, person),
            Wish::LogIn(person) => self.log_in(browser, person),
            _ => self.answer_caller(step, browser, header, wish),
        };
        outcome.unwrap_or_else(|refusal| refusal)
    }

    fn sign_up(&mut self, browser: usize, person: Person) -> Outcome {
        if self.people.contains_key(person) {
            return Err(Said::refused(409, "email_taken"));
        }
        self.people.insert(person, true);
        self.begin_session(browser, person);
        Ok(Said::of(201, [person.to_owned()]))
    }

    fn log_in(&mut self, browser: usize, person: Person) -> Outcome {
        if self.people.get(person) != Some(&true) {
            return Err(Said::refused(401, "invalid_credentials"));
        }
        self.begin_session(browser, person);
        Ok(Said::of(200, [person.to_owned()]))
    }

    fn begin_session(&mut self, browser: usize, person: Person) {
        self.browsers[browser] = Some(Session {
            person,
            selected: None,
        });
    }

    /// Where a request acts, if it is let in.
    pub(super) fn acts_in(&self, browser: usize, header: Option<Slug>) -> Option<Slug> {
        let session = self.browsers[browser]?;
        let (place, _) = self.place(session, header).ok()?;
        Some(place)
    }

    fn answer_caller(
        &mut self,
        step: usize,
        browser: usize,
        header: Option<Slug>,
        wish: &Wish,
    ) -> Outcome {
        let session = self.browsers[browser];
        let session = session.ok_or_else(|| Said::refused(401, "not_authenticated"))?;
        if self.people.get(session.person) != Some(&true) {
            return Err(Said::refused(401, "invalid_credential"));
        }
        match wish {
            Wish::LogOut => {
                self.browsers[browser] = None;
                Ok(Said::nothing(204))
            }
            Wish::Me => Ok(self.me(session)),
            Wish::Organizations { .. } => Ok(self.own_organizations(session.person)),
            Wish::CreateOrganization(slug) => self.create_organization(session.person, slug),
            Wish::Organization(slug) => {
                let role = self.named(session, header, slug)?;
                Ok(self.organization(slug, role))
            }
            Wish::RenameOrganization(slug) => {
                let role = self.named(session, header, slug)?;
                at_least(Role::Admin, role)?;
                if let Some(found) = self.organizations.get_mut(slug) {
                    found.name = new_name(step);
                }
                Ok(self.organization(slug, role))
            }
            Wish::Members { of, .. } => {
                self.named(session, header, of)?;
                let members = self.members.iter().filter(|one| one.organization == *of);
                let lines = members.map(|one| said::member(one.person, one.role));
                Ok(Said::of(200, lines.rev()))
            }
            Wish::Switch(slug) => {
                self.named(session, header, slug)?;
                let selected = Some(*slug);
                self.browsers[browser] = Some(Session {
                    selected,
                    ..session
                });
                Ok(Said::of(200, [said::current(selected)]))
            }
            _ => {
                let (place, role) = self.place(session, header)?;
                self.answer_member(step, session.person, place, role, wish)
            }
        }
    }

    /// The answer to a wish about the organization that the request acts in.
    fn answer_member(
        &mut self,
        step: usize,
        person: Person,
        place: Slug,
        role: Role,
        wish: &Wish,
    ) -> Outcome {
        match wish {
            Wish::CurrentOrganization => return Ok(self.organization(place, role)),
            Wish::Projects { by_name, .. } => return Ok(self.list(person, place, *by_name)),
            Wish::Project(_) => {}
            _ => at_least(self.rules.writers, role)?,
        }
        match wish {
            Wish::CreateProject => {
                let name = new_name(step);
                self.labels.push(name.clone());
                self.projects.push(Project {
                    label: name.clone(),
                    organization: place,
                    name,
                    status: "draft",
                });
                let made = self.projects.last();
                Ok(Said::of(201, made.map(line)))
            }
            Wish::RenameProject(pick) => {
                let project = self.project(place, *pick)?;
                project.name = new_name(step);
                Ok(Said::of(200, [line(project)]))
            }
            Wish::DeleteProject(pick) => {
                let label = self.project(place, *pick)?.label.clone();
                self.projects.retain(|one| one.label != label);
                Ok(Said::nothing(204))
            }
            Wish::SetStatus { of, status } => {
                for pick in of {
                    self.project(place, *pick)?;
                }
                let mut lines = Vec::new();
                for pick in of {
                    let project = self.project(place, *pick)?;
                    project.status = status;
                    lines.push(line(project));
                }
                lines.sort();
                lines.dedup();
                Ok(Said::of(200, lines))
            }
            Wish::Project(pick) => {
                let project = self.project(place, *pick)?;
                Ok(Said::of(200, [line(project)]))
            }
            other => unreachable!("{other:?} is not about one organization's projects"),
        }
    }

    /// Somebody's role, if he has an active one there.
    fn role(&self, person: Person, slug: Slug) -> Option<Role> {
        let mut own = self.belongs(person);
        Some(own.find(|one| one.organization == slug)?.role)
    }

    /// The role in the organization that the path names.
    fn named(&self, session: Session, header: Option<Slug>, slug: Slug) -> Result<Role, Said> {
        let role = self.role(session.person, slug).ok_or_else(not_found)?;
        match header {
            Some(other) if other != slug => {
                Err(Said::refused(400, "organization_context_conflict"))
            }
            _ => Ok(role),
        }
    }

    /// Where the request acts: the header, else the session, else the oldest membership.
    fn place(&self, session: Session, header: Option<Slug>) -> Result<(Slug, Role), Said> {
        let there = |slug| Some((slug, self.role(session.person, slug)?));
        let oldest = || {
            let first = self.belongs(session.person).next();
            first.map(|one| (one.organization, one.role))
        };
        match (header, session.selected) {
            (Some(slug), _) => there(slug).ok_or_else(not_found),
            (None, Some(slug)) => {
                let spare = if self.rules.lost_sessions_fall_back {
                    oldest()
                } else {
                    None
                };
                let lost = || Said::refused(403, "active_organization_unavailable");
                there(slug).or(spare).ok_or_else(lost)
            }
            (None, None) => oldest().ok_or_else(|| Said::refused(400, "organization_required")),
        }
    }

    fn me(&self, session: Session) -> Said {
        let own = || self.belongs(session.person);
        let mut lines = vec![session.person.to_owned()];
        lines.extend(own().map(|one| said::membership(one.organization, one.role)));
        let current = match session.selected {
            Some(slug) => own().map(|one| one.organization).find(|one| *one == slug),
            None => own().map(|one| one.organization).next(),
        };
        lines.push(said::current(current));
        Said::of(200, lines)
    }

    fn own_organizations(&self, person: Person) -> Said {
        let mut own: Vec<_> = self.belongs(person).collect();
        own.sort_by_key(|one| &self.organizations[one.organization].name);
        let lines = own.iter().map(|one| self.line(one.organization, one.role));
        Said::of(200, lines)
    }

    fn create_organization(&mut self, owner: Person, slug: Slug) -> Outcome {
        if self.organizations.contains_key(slug) {
            return Err(Said::refused(409, "slug_taken"));
        }
        let (name, open) = (slug.to_owned(), true);
        self.organizations.insert(slug, Organization { name, open });
        self.join(slug, owner, Role::Owner);
        Ok(Said::of(201, [self.line(slug, Role::Owner)]))
    }

    fn organization(&self, slug: Slug, role: Role) -> Said {
        Said::of(200, [self.line(slug, role)])
    }

    fn line(&self, slug: Slug, role: Role) -> String {
        said::organization(slug, &self.organizations[slug].name, role)
    }

    fn list(&self, person: Person, place: Slug, by_name: bool) -> Said {
        let wide = self.rules.lists_span_organizations;
        let seen = |one: &&Project| {
            one.organization == place || wide && self.role(person, one.organization).is_some()
        };
        let mut found: Vec<_> = self.projects.iter().rev().filter(seen).collect();
        if by_name {
            found.sort_by_key(|one| &one.name);
        }
        Said::of(200, found.into_iter().map(line))
    }

    fn project(&mut self, place: Slug, pick: Pick) -> Result<&mut Project, Said> {
        let label = self.label(Some(place), pick);
        let mut all = self.projects.iter_mut();
        let found = all.find(|one| one.label == label && one.organization == place);
        found.ok_or_else(|| Said::refused(404, "project_not_found"))
    }
}

fn line(project: &Project) -> String {
    said::project(&project.name, project.status)
}

fn at_least(lowest: Role, role: Role) -> Result<(), Said> {
    if role < lowest {
        return Err(Said::refused(403, "permission_denied"));
    }
    Ok(())
}

fn not_found() -> Said {
    Said::refused(404, "organization_not_found")
}
