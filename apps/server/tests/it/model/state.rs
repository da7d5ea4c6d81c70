//! The model: what must be the case after every step, in the fewest words.

use std::collections::BTreeMap;

use tenantry_core::access::Role;

use super::{
    said,
    step::{BROWSERS, Hand, Person, Pick, Slug},
};

/// Rules that a test may get wrong on purpose.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// The lowest role that may write projects.
    pub(super) writers: Role,
    /// Whether a session whose organization is lost acts in the default one.
    pub(super) lost_sessions_fall_back: bool,
    /// Whether a list shows the projects of all organizations of the caller.
    pub(super) lists_span_organizations: bool,
}

impl Rules {
    /// As the contract has them.
    pub(super) const RIGHT: Self = Self {
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
    /// Its first name, which it is known by in requests.
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
    /// Everybody, and whether the account is active.
    pub(super) people: BTreeMap<Person, bool>,
    pub(super) organizations: BTreeMap<Slug, Organization>,
    /// In the order of joining.
    pub(super) members: Vec<Membership>,
    /// In the order of their making.
    pub(super) projects: Vec<Project>,
    /// The labels of all that ever were, in the same order.
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

    /// What the operator's hand does. Nothing where what it wants to touch is not there.
    pub(super) fn touch(&mut self, hand: &Hand) -> bool {
        match *hand {
            Hand::Join(organization, person, role) => {
                // Nobody who is locked out becomes an owner.
                let active = self.people.get(person).copied();
                let fit = active.is_some_and(|active| active || role != Role::Owner);
                let possible = fit
                    && self.organizations.contains_key(organization)
                    && self.membership(organization, person).is_none();
                if possible {
                    self.join(organization, person, role);
                }
                possible
            }
            Hand::SetRole(organization, person, role) => {
                let found = self.membership(organization, person);
                found.map(|membership| membership.role = role).is_some()
            }
            Hand::Remove(organization, person) => {
                let before = self.members.len();
                let is =
                    |one: &Membership| (one.organization, one.person) == (organization, person);
                self.members.retain(|one| !is(one));
                self.members.len() < before
            }
            Hand::Close(slug) => self.set_open(slug, false),
            Hand::Open(slug) => self.set_open(slug, true),
            Hand::Disable(person) => self.set_active(person, false),
            Hand::Enable(person) => self.set_active(person, true),
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

    /// Where somebody belongs, in the order of joining: closed organizations are nowhere.
    pub(super) fn belongs(&self, person: Person) -> impl Iterator<Item = &Membership> {
        let open = |slug| self.organizations.get(slug).is_some_and(|found| found.open);
        let own = self.members.iter().filter(move |one| one.person == person);
        own.filter(move |one| open(one.organization))
    }

    /// The label of the project that is picked by a request that acts in that organization.
    pub(super) fn label(&self, place: Option<Slug>, pick: Pick) -> String {
        let here = |one: &&Project| Some(one.organization) == place;
        let near = self.projects.iter().filter(here).map(|one| &one.label);
        let (candidates, number): (Vec<_>, _) = match pick {
            Pick::Near(number) => (near.collect(), number),
            Pick::Any(number) => (self.labels.iter().collect(), number),
        };
        // One more than there are: the last is the one that never was.
        let one = usize::from(number) % (candidates.len() + 1);
        candidates
            .get(one)
            .map_or("never-made".to_owned(), |label| (*label).clone())
    }

    /// Everything that the database must hold, one sentence each.
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
            let member = said::member(one.person, one.role);
            facts.push(format!("{} has the member {member}", one.organization));
        }
        for one in &self.projects {
            let project = said::project(&one.name, one.status);
            facts.push(format!("{} has the project {project}", one.organization));
        }
        for Session { person, selected } in self.browsers.iter().flatten() {
            let place = selected.unwrap_or("nowhere");
            facts.push(format!("{person} has a session, switched to {place}"));
        }
        facts.sort();
        facts
    }
}
