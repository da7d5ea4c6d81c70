//! The model: the expected state after every step.

use std::collections::BTreeMap;

use tenantry_core::access::Role;

use super::{
    response,
    step::{BROWSERS, OperatorAction, Person, Pick, Slug},
};

/// Rules that a test may falsify on purpose.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// The lowest role that may write projects.
    pub(super) writers: Role,
    /// Whether a session whose organization became unavailable falls back to the default one.
    pub(super) lost_sessions_fall_back: bool,
    /// Whether a list shows the projects of all organizations of the caller.
    pub(super) lists_span_organizations: bool,
}

impl Rules {
    /// The contract's rules.
    pub(super) const CORRECT: Self = Self {
        writers: Role::Member,
        lost_sessions_fall_back: false,
        lists_span_organizations: false,
    };
}

pub(super) struct Organization {
    pub(super) name: String,
    pub(super) open: bool,
}

#[derive(Clone)]
pub(super) struct Membership {
    pub(super) organization: Slug,
    pub(super) person: Person,
    pub(super) role: Role,
}

pub(super) struct Project {
    /// Its first name, which identifies it in requests.
    pub(super) label: String,
    pub(super) organization: Slug,
    pub(super) name: String,
    pub(super) status: &'static str,
}

#[derive(Clone, Copy)]
pub(super) struct Session {
    pub(super) person: Person,
    pub(super) selected: Option<Slug>,
}

pub(super) struct Model {
    pub(super) rules: Rules,
    /// Every user, and whether the account is active.
    pub(super) people: BTreeMap<Person, bool>,
    pub(super) organizations: BTreeMap<Slug, Organization>,
    /// In order of joining.
    pub(super) members: Vec<Membership>,
    /// In order of creation.
    pub(super) projects: Vec<Project>,
    /// The labels of all projects ever created, in the same order.
    pub(super) labels: Vec<String>,
    pub(super) browsers: [Option<Session>; BROWSERS],
}

impl Model {
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            rules,
            people: BTreeMap::new(),
            organizations: BTreeMap::new(),
            members: Vec::new(),
            projects: Vec::new(),
            labels: Vec::new(),
            browsers: [None; BROWSERS],
        }
    }

    /// Applies the operator's action. Returns false if its target does not exist.
    pub(super) fn apply(&mut self, action: &OperatorAction) -> bool {
        match *action {
            OperatorAction::Join(organization, person, role) => {
                // A disabled user cannot become an owner.
                let active = self.people.get(person).copied();
                let eligible = active.is_some_and(|active| active || role != Role::Owner);
                let possible = eligible
                    && self.organizations.contains_key(organization)
                    && self.membership(organization, person).is_none();
                if possible {
                    self.join(organization, person, role);
                }
                possible
            }
            OperatorAction::SetRole(organization, person, role) => {
                let found = self.membership(organization, person);
                found.map(|membership| membership.role = role).is_some()
            }
            OperatorAction::Remove(organization, person) => {
                let before = self.members.len();
                let is =
                    |one: &Membership| (one.organization, one.person) == (organization, person);
                self.members.retain(|one| !is(one));
                self.members.len() < before
            }
            OperatorAction::Close(slug) => self.set_open(slug, false),
            OperatorAction::Open(slug) => self.set_open(slug, true),
            OperatorAction::Disable(person) => self.set_active(person, false),
            OperatorAction::Enable(person) => self.set_active(person, true),
        }
    }

    pub(super) fn join(&mut self, organization: Slug, person: Person, role: Role) {
        self.members.push(Membership {
            organization,
            person,
            role,
        });
    }

    fn membership(&mut self, organization: Slug, person: Person) -> Option<&mut Membership> {
        let is = |one: &&mut Membership| (one.organization, one.person) == (organization, person);
        self.members.iter_mut().find(is)
    }

    fn set_open(&mut self, slug: Slug, open: bool) -> bool {
        let found = self.organizations.get_mut(slug);
        found.map(|organization| organization.open = open).is_some()
    }

    fn set_active(&mut self, person: Person, active: bool) -> bool {
        let found = self.people.get_mut(person);
        found.map(|is_active| *is_active = active).is_some()
    }

    /// The user's memberships in open organizations, in order of joining.
    pub(super) fn memberships(&self, person: Person) -> impl Iterator<Item = &Membership> {
        let open = |slug| self.organizations.get(slug).is_some_and(|found| found.open);
        let own = self.members.iter().filter(move |one| one.person == person);
        own.filter(move |one| open(one.organization))
    }

    /// The label of the project that a request in this organization picks.
    pub(super) fn label(&self, organization: Option<Slug>, pick: Pick) -> String {
        let here = |one: &&Project| Some(one.organization) == organization;
        let near = self.projects.iter().filter(here).map(|one| &one.label);
        let (candidates, number): (Vec<_>, _) = match pick {
            Pick::InOrganization(number) => (near.collect(), number),
            Pick::Any(number) => (self.labels.iter().collect(), number),
        };
        // One more than exist: the last one was never created.
        let one = usize::from(number) % (candidates.len() + 1);
        candidates
            .get(one)
            .map_or("never-created".to_owned(), |label| (*label).clone())
    }

    /// The expected content of the database, one sentence for each row.
    pub(super) fn facts(&self) -> Vec<String> {
        let mut facts = Vec::new();
        for (person, active) in &self.people {
            let active = if *active { "active" } else { "disabled" };
            facts.push(format!("{person} is {active}"));
        }
        for (slug, Organization { name, open }) in &self.organizations {
            let open = if *open { "open" } else { "closed" };
            facts.push(format!("{slug} is {open} and called {name}"));
        }
        for one in &self.members {
            let member = response::member(one.person, one.role);
            facts.push(format!("{} has the member {member}", one.organization));
        }
        for one in &self.projects {
            let project = response::project(&one.name, one.status);
            facts.push(format!("{} has the project {project}", one.organization));
        }
        for Session { person, selected } in self.browsers.iter().flatten() {
            let organization = selected.unwrap_or("nowhere");
            facts.push(format!(
                "{person} has a session, switched to {organization}"
            ));
        }
        facts.sort();
        facts
    }
}
