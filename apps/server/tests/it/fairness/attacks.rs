//! The attacks, one for each way to spend what all share.

use std::sync::Arc;

use serde_json::json;

use super::{
    CONNECTIONS, configured,
    world::{ORGANIZATIONS, World, request},
};

type Request = Arc<dyn Fn(usize) -> Vec<u8> + Send + Sync>;

/// How an attacker treats its connection.
#[derive(Clone, Copy)]
pub(super) enum Manner {
    /// It reads each response, and sends the next request.
    Answered,
    /// It reads nothing.
    Unread,
    /// It sends one byte now and then.
    Unfinished,
}

pub(super) struct Attack {
    /// Its number in the list of what is shared.
    pub(super) item: u8,
    pub(super) name: &'static str,
    pub(super) connections: usize,
    pub(super) manner: Manner,
    /// The request of this number.
    pub(super) request: Request,
    /// A status that it gets; none if it reads nothing.
    pub(super) expected: Option<u16>,
    /// Variables of the server.
    pub(super) settings: &'static [(&'static str, &'static str)],
}

impl Attack {
    fn new(
        item: u8,
        name: &'static str,
        expected: u16,
        request: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        Self {
            item,
            name,
            connections: 8,
            manner: Manner::Answered,
            request: Arc::new(request),
            expected: Some(expected),
            settings: &[],
        }
    }

    fn without_reading(self, manner: Manner, connections: usize) -> Self {
        Self {
            manner,
            connections,
            expected: None,
            ..self
        }
    }

    fn on_connections(self, connections: usize) -> Self {
        Self {
            connections,
            ..self
        }
    }

    fn on_a_server_with(self, settings: &'static [(&'static str, &'static str)]) -> Self {
        Self { settings, ..self }
    }
}

pub(super) fn attacks(world: &World) -> Vec<Attack> {
    vec![
        tags(world),
        filters(world),
        slow_readers(world),
        many_organizations(world),
        unfinished_heads(),
        made_up_tokens(),
        writes_of_nothing(world),
        malformed_heads(),
    ]
}

/// Each length would be a statement of its own.
fn tags(world: &World) -> Attack {
    let (attacker, path) = (
        world.attacker.clone(),
        format!("/api/projects/{}", world.project),
    );
    Attack::new(2, "lists of tags of each length", 400, move |n| {
        let number = if n % 2 == 0 {
            n % 16 + 1
        } else {
            17 + n % 6_000
        };
        let tags = vec!["\"9\""; number].join(",");
        let headers = format!("X-Organization-Slug: attack-0\r\nIf-Match: {tags}\r\n");
        attacker.request("PATCH", &path, &headers, r#"{"name": "Renamed"}"#)
    })
}

/// No row matches, so that each request looks at as many as it may.
fn filters(world: &World) -> Attack {
    let (attacker, organization) = (world.attacker.clone(), world.organization.clone());
    Attack::new(3, "filters that match nothing", 200, move |n| {
        let path = match n % 2 {
            0 => format!("/api/organizations/{organization}/audit-log?action=no.such_event"),
            _ => "/api/projects?q=nothing".to_owned(),
        };
        attacker.request("GET", &path, "X-Organization-Slug: attack-0\r\n", "")
    })
}

fn slow_readers(world: &World) -> Attack {
    let attacker = world.attacker.clone();
    let large = Attack::new(4, "large responses that are not read", 200, move |n| {
        let slug = format!("X-Organization-Slug: attack-{}\r\n", n % ORGANIZATIONS);
        attacker.request("GET", "/api/projects?limit=100", &slug, "")
    });
    large.without_reading(Manner::Unread, 240)
}

fn many_organizations(world: &World) -> Attack {
    let (operator, member) = (world.operator.clone(), world.member.id.clone());
    let changes = Attack::new(5, "an account in many organizations", 200, move |n| {
        let path = format!("/api/admin/users/{member}");
        let change = json!({"is_active": n % 3 == 1}).to_string();
        match n % 3 {
            0 => operator.request("GET", "/api/admin/users?limit=100", "", ""),
            _ => operator.request("PATCH", &path, "", &change),
        }
    });
    changes.on_connections(2)
}

/// More connections than one address may have.
fn unfinished_heads() -> Attack {
    let heads = Attack::new(6, "heads that never end", 408, |_| {
        request(
            "GET",
            "/api/projects",
            &format!("X: {}\r\n", "x".repeat(1_000)),
            "",
        )
    });
    heads.without_reading(Manner::Unfinished, CONNECTIONS)
}

fn made_up_tokens() -> Attack {
    // More than the victim sends, and fewer than the attackers.
    let limit: &[_] = match configured() {
        Some(_) => &[("TENANTRY__LIMITS__REQUESTS_PER_MINUTE_CALLER", "3000")],
        None => &[("TENANTRY__LIMITS__REQUESTS_PER_MINUTE_CALLER", "300")],
    };
    let guesses = Attack::new(7, "made-up tokens and paths", 429, |n| match n % 2 {
        0 => {
            let token = format!("Authorization: Bearer tnt_{n:032}\r\n");
            request("GET", "/api/projects", &token, "")
        }
        _ => request("GET", &format!("/api/nowhere/{n}"), "", ""),
    });
    guesses.on_a_server_with(limit)
}

/// The projects have the status.
fn writes_of_nothing(world: &World) -> Attack {
    let attacker = world.attacker.clone();
    let bulk = json!({"ids": world.bulk, "status": "draft"}).to_string();
    Attack::new(8, "bulk changes that change nothing", 200, move |_| {
        let slug = "X-Organization-Slug: bulk\r\n";
        attacker.request("POST", "/api/projects/bulk", slug, &bulk)
    })
}

fn malformed_heads() -> Attack {
    Attack::new(9, "malformed heads", 400, |n| {
        format!("no head {n}\r\n\r\n").into_bytes()
    })
}
