//! Who may act on whom, in full: every caller, every target, every role, on every path. What has
//! to come of it is computed from what the code itself uses.

use serde_json::json;
use tenantry_core::access::{Permission as _, Role};
use tenantry_organizations::ManageMembers;
use tenantry_testkit::{Answer, ApiClient, each_database};

use crate::http::support::{Setup, text};

/// A path on which somebody does something to a member, or with a role.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    /// The lowest role that may go it at all.
    lowest: Role,
    /// Whether it acts on a member.
    acts: bool,
    /// Whether it grants a role.
    grants: bool,
    /// The status of success.
    done: u16,
}

const WAYS: [Way; 2] = [
    Way {
        name: "change role",
        lowest: ManageMembers::MIN_ROLE,
        acts: true,
        grants: true,
        done: 200,
    },
    Way {
        name: "remove",
        lowest: ManageMembers::MIN_ROLE,
        acts: true,
        grants: false,
        done: 204,
    },
];

/// One case: what the caller is, what the target is, and the role that is to be granted.
#[derive(Clone, Copy, Debug)]
struct Case {
    caller: Option<Role>,
    target: Role,
    role: Role,
}

impl Way {
    fn expected(&self, case: Case) -> (u16, &'static str) {
        let Some(held) = case.caller else {
            return (404, "organization_not_found");
        };
        let covered = (!self.acts || held.is_at_least(case.target))
            && (!self.grants || held.is_at_least(case.role));
        if held < self.lowest || !covered {
            (403, "permission_denied")
        } else {
            (self.done, "")
        }
    }

    async fn go(&self, client: &ApiClient, members: &str, id: &str, role: Role) -> Answer {
        let path = format!("{members}/{id}");
        match self.name {
            "remove" => client.raw("DELETE", &path).send().await,
            _ => client.patch(&path, json!({"role": role})).send().await,
        }
    }

    /// What the target is afterwards.
    fn outcome(&self, case: Case, done: bool) -> Option<Role> {
        match (done, self.grants) {
            (false, _) => Some(case.target),
            (true, true) => Some(case.role),
            (true, false) => None,
        }
    }
}

/// What somebody is, and the id of his membership, as the list of members has it.
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
    async fn every_caller_does_to_every_target_what_his_role_covers(db: TestDatabase) {
        let backend = db.backend();
        let setup = Setup::new(db).await;
        // Two owners, so that none of them is the last.
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
        for way in WAYS {
            for (caller, client) in &callers {
                for (target, role) in Role::ALL.iter().flat_map(|t| Role::ALL.map(|r| (*t, r))) {
                    let case = Case { caller: *caller, target, role };
                    setup.join("alpha", "tom", target).await;
                    let (id, _) = found(&first, &members, "tom").await.expect("he joined");
                    let answer = way.go(client, &members, &id, role).await;
                    let (status, code) = way.expected(case);
                    let shown = if answer.status < 400 { String::new() } else { answer.problem_code() };
                    let is = found(&first, &members, "tom").await.map(|(_, role)| role);
                    let should = way.outcome(case, status == way.done);
                    cases += 1;
                    if (answer.status, &*shown) != (status, code) || is != should {
                        deviations.push(format!("{} {case:?}: {} {shown}, then {is:?}", way.name, answer.status));
                    }
                    if is.is_some() {
                        setup.remove("alpha", "tom").await;
                    }
                }
            }
        }
        assert!(deviations.is_empty(), "{}", deviations.join("\n"));
        assert_eq!(cases, WAYS.len() * 5 * 4 * 4);
        println!("{cases} cases on {backend:?}, 0 deviations");
    }

    async fn nobody_raises_himself(db: TestDatabase) {
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
