//! The demo data.

use tenantry_core::access::Role::{self, Admin, Member, Owner, Viewer};

/// The password of every account. It is public: the demo data is for trying things out.
pub const PASSWORD: &str = "tenantry-demo";

/// The address with a pending invitation to the first team.
pub(super) const INVITED: &str = "ines@example.com";

pub(super) struct Person {
    pub(super) email: &'static str,
    pub(super) name: &'static str,
    pub(super) is_superuser: bool,
}

pub(super) struct Team {
    pub(super) slug: &'static str,
    pub(super) name: &'static str,
    /// The first one creates the organization.
    pub(super) members: &'static [(&'static str, Role)],
}

const fn person(email: &'static str, name: &'static str) -> Person {
    Person {
        email,
        name,
        is_superuser: false,
    }
}

pub(super) const PEOPLE: &[Person] = &[
    person("olivia@example.com", "Olivia Owner"),
    person("adam@example.com", "Adam Admin"),
    person("mia@example.com", "Mia Member"),
    person("victor@example.com", "Victor Viewer"),
    person("oscar@example.com", "Oscar Owner"),
    person("bea@example.com", "Bea Both"),
    Person {
        email: "root@example.com",
        name: "Sue Superuser",
        is_superuser: true,
    },
];

pub(super) const TEAMS: &[Team] = &[
    Team {
        slug: "acme",
        name: "Acme",
        members: &[
            ("olivia@example.com", Owner),
            ("adam@example.com", Admin),
            ("mia@example.com", Member),
            ("victor@example.com", Viewer),
            ("bea@example.com", Member),
        ],
    },
    Team {
        slug: "globex",
        name: "Globex",
        members: &[("oscar@example.com", Owner), ("bea@example.com", Admin)],
    },
];

/// The login of an owner, for the login page.
#[cfg(feature = "web")]
pub(crate) fn login_shown() -> tenantry_web::DemoLogin {
    tenantry_web::DemoLogin {
        email: PEOPLE[0]
            .email
            .parse()
            .expect("the values of the demo world are valid"),
        password: PASSWORD,
    }
}
