//! The accounts of the demo data.

use serde::Serialize;

use super::data::{PASSWORD, PEOPLE, Person, TEAMS};

/// One login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Login {
    /// The address.
    pub email: &'static str,
    /// The password.
    pub password: &'static str,
    /// The roles of the person.
    pub roles: Vec<String>,
}

pub(super) fn all() -> Vec<Login> {
    PEOPLE.iter().map(login).collect()
}

fn login(person: &Person) -> Login {
    let mut roles = Vec::new();
    for team in TEAMS {
        let is_person = |(email, _): &&(&str, _)| *email == person.email;
        if let Some((_, role)) = team.members.iter().find(is_person) {
            roles.push(format!("{role} of {}", team.slug));
        }
    }
    if person.is_superuser {
        roles.push("superuser".to_owned());
    }
    Login {
        email: person.email,
        password: PASSWORD,
        roles,
    }
}
