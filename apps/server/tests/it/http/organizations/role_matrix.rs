//! Every caller, target and role, for every operation on a member. The expected outcome is
//! computed from the code's own role comparison.

use serde_json::json;
use tenantry_core::access::{Permission as _, Role};
use tenantry_organizations::ManageMembers;
use tenantry_testkit::{Answer, ApiClient, each_database};

use crate::http::support::{Setup, text};

/// An operation on a member.
#[derive(Clone, Copy)]
struct Operation {
    name: &'static str,
    /// The minimum role for the operation.
    min_role: Role,
    /// Whether it acts on a member.
    acts: bool,
    /// Whether it grants a role.
    grants: bool,
    /// The status of success.
    success: u16,
}

const OPERATIONS: [Operation; 2] = [
    Operation {
        name: "change role",
        min_role: ManageMembers::MIN_ROLE,
        acts: true,
        grants: true,
        success: 200,
    },
    Operation {
        name: "remove",
        min_role: ManageMembers::MIN_ROLE,
        acts: true,
        grants: false,
        success: 204,
    },
];

/// One case: the caller's role, the target's role and the role to grant.
#[derive(Clone, Copy, Debug)]
struct Case {
    caller: Option<Role>,
    target: Role,
    role: Role,
}

impl Operation {
    fn expected(&self, case: Case) -> (u16, &'static str) {
        let Some(held) = case.caller else {
            return (404, "organization_not_found");
        };
        let covered = (!self.acts || held.is_at_least(case.target))
            && (!self.grants || held.is_at_least(case.role));
        if held < self.min_role || !covered {
            (403, "permission_denied")
        } else {
            (self.success, "")
        }
    }

    async fn send(&self, client: &ApiClient, members: &str, id: &str, role: Role) -> Answer {
        let path = format!("{members}/{id}");
        match self.name {
            "remove" => client.raw("DELETE", &path).send().await,
            _ => client.patch(&path, json!({"role": role})).send().await,
        }
    }

    /// The target's role afterwards.
    fn outcome(&self, case: Case, success: bool) -> Option<Role> {
        match (success, self.grants) {
            (false, _) => Some(case.target),
            (true, true) => Some(case.role),
            (true, false) => None,
        }
    }
}

/// A member's id and role, from the list of members.
async fn found(owner: &ApiClient, members: &str, name: &str) -> Option<(String, Role)> {
    let list = owner.get(&format!("{members}?limit=100")).send().await;
    let list = list.expect(200).json();
    let items = list["items"].as_array().expect("a list");
    let one = items.iter().find(|item| item["user_name"] == name)?;
    Some((
        text(&one["id"]),
        text(&one["role"]).parse().expect("a role"),
    ))
}

each_database! {
    async fn every_role_may_do_to_every_role_what_the_rules_say(db: TestDatabase) {
        let backend = db.backend();
        let setup = Setup::new(db).await;
        // A second owner, so that no case involves the last owner.
        let first = setup.user("olga").await;
        let alpha = setup.organization(&first, "alpha").await;
        let members = format!("/api/organizations/{alpha}/members");
        let mut callers = vec![(None, setup.user("sam").await)];
        for role in Role::ALL {
            let name = format!("caller-{role}");
            callers.push((Some(role), setup.member("alpha", &name, role).await));
        }
        setup.user("tom").await;

        let (mut cases, mut deviations) = (0, Vec::new());
        for operation in OPERATIONS {
            for (caller, client) in &callers {
                for (target, role) in Role::ALL.iter().flat_map(|t| Role::ALL.map(|r| (*t, r))) {
                    let case = Case { caller: *caller, target, role };
                    setup.join("alpha", "tom", target).await;
                    let (id, _) = found(&first, &members, "tom").await.expect("a member");
                    let answer = operation.send(client, &members, &id, role).await;
                    let (status, code) = operation.expected(case);
                    let shown = if answer.status < 400 { String::new() } else { answer.problem_code() };
                    let is = found(&first, &members, "tom").await.map(|(_, role)| role);
                    let should = operation.outcome(case, status == operation.success);
                    cases += 1;
                    if (answer.status, &*shown) != (status, code) || is != should {
                        deviations.push(format!("{} {case:?}: {} {shown}, then {is:?}", operation.name, answer.status));
                    }
                    if is.is_some() {
                        setup.remove("alpha", "tom").await;
                    }
                }
            }
        }
        assert!(deviations.is_empty(), "{}", deviations.join("\n"));
        assert_eq!(cases, OPERATIONS.len() * 5 * 4 * 4);
        println!("{cases} cases on {backend:?}, 0 deviations");
    }

    async fn members_cannot_raise_their_own_role(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let owner = setup.user("olga").await;
        let alpha = setup.organization(&owner, "alpha").await;
        let members = format!("/api/organizations/{alpha}/members");
        for held in [Role::Viewer, Role::Member, Role::Admin] {
            let name = held.to_string();
            let client = setup.member("alpha", &name, held).await;
            let (id, _) = found(&owner, &members, &name).await.expect("a member");
            for role in Role::ALL.into_iter().filter(|role| *role > held) {
                let path = format!("{members}/{id}");
                let raised = client.patch(&path, json!({"role": role})).send().await.expect(403);
                assert_eq!(raised.problem_code(), "permission_denied");
            }
        }
    }
}
