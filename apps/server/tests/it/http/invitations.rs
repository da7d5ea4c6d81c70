//! Invitations, and signing up with one.

use serde_json::{Value, json};
use tenantry_core::access::Role;
use tenantry_testkit::{Answer, ApiClient, TestDatabase, each_database};

use super::support::{PASSWORD, RANDOM_ID, Setup, assert_problem, assert_same, items, text};

/// Olga and her organization.
struct Fixture {
    setup: Setup,
    olga: ApiClient,
    /// The path of its invitations.
    path: String,
}

impl Fixture {
    async fn new(db: TestDatabase) -> Self {
        Self::of(db, &[]).await
    }

    async fn of(db: TestDatabase, variables: &[(&str, &str)]) -> Self {
        let setup = Setup::with_env(db, variables).await;
        let olga = setup.user("olga").await;
        let alpha = setup.organization(&olga, "alpha").await;
        let path = format!("/api/organizations/{alpha}/invitations");
        Self { setup, olga, path }
    }

    async fn invite(&self, new: Value) -> Value {
        let sent = self.olga.post(&self.path, new).send().await;
        sent.expect(201).json()
    }

    /// The secret of a new invitation.
    async fn secret(&self, new: Value) -> String {
        secret(&self.invite(new).await)
    }

    async fn preview(&self, token: &str) -> Answer {
        let anonymous = self.setup.anonymous();
        anonymous
            .post("/api/invitations/preview", json!({"token": token}))
            .send()
            .await
    }

    async fn sign_up(&self, name: &str, token: Option<&str>) -> Answer {
        let account = json!({
            "email": format!("{name}@example.com"), "password": PASSWORD, "name": name,
            "invitation_token": token,
        });
        let anonymous = self.setup.anonymous();
        anonymous.post("/api/auth/signup", account).send().await
    }

    async fn sql(&self, sql: &str) {
        assert!(self.setup.database.execute(sql).await > 0, "{sql}");
    }
}

fn secret(sent: &Value) -> String {
    let url = text(&sent["accept_url"]);
    let (_, secret) = url.split_once("#token=").expect("a secret");
    secret.to_owned()
}

async fn accept(client: &ApiClient, token: &str) -> Answer {
    let body = json!({"token": token});
    client.post("/api/invitations/accept", body).send().await
}

#[track_caller]
fn rejected(answer: Answer, status: u16, code: &str) {
    let answer = answer.expect(status);
    assert_problem(&answer);
    assert_eq!(answer.problem_code(), code);
}

each_database! {
    async fn the_link_is_returned_at_creation_and_not_listed(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let sent = fixture.invite(json!({"email": " Ada@Example.com", "role": "admin"})).await;
        let expected = json!({
            "id": sent["id"], "email": "ada@example.com", "role": "admin", "status": "pending", "reason": null,
            "invited_by": sent["invited_by"], "max_uses": 1, "uses": 0,
            "created_at": sent["created_at"], "sent_at": sent["created_at"],
            "expires_at": sent["expires_at"], "accept_url": sent["accept_url"], "mailed": false,
        });
        assert_eq!(sent, expected);
        // The server's port is picked at the start.
        let url = text(&sent["accept_url"]);
        let address = format!("http://{}/invitations/accept#token=tnti_", fixture.olga.address());
        assert!(url.starts_with(&address), "{url}");

        let listed = fixture.olga.get(&fixture.path).send().await.expect(200);
        let mut without = sent.clone();
        let members = without.as_object_mut().expect("an object");
        members.retain(|name, _| name != "accept_url" && name != "mailed");
        assert_eq!(listed.json(), json!({"items": [without], "next_cursor": null}));
        let random = &secret(&sent)[5..];
        let stored = fixture.setup.tables().await;
        assert!(!stored.contains_text(random));
    }

    async fn links_begin_with_the_public_url(db: TestDatabase) {
        let public = [("TENANTRY__SERVER__PUBLIC_URL", "http://tenantry.example/")];
        let fixture = Fixture::of(db, &public).await;
        let url = text(&fixture.invite(json!({"role": "viewer"})).await["accept_url"]);
        assert!(url.starts_with("http://tenantry.example/invitations/accept#token="), "{url}");
    }

    async fn an_inconsistent_invitation_is_invalid(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let before = fixture.setup.tables().await;
        for (invitation, pointer) in [
            (json!({"email": "ada@example.com"}), "/role"),
            (json!({"role": "boss"}), "/role"),
            (json!({"role": "admin"}), "/role"),
            (json!({"role": "owner", "max_uses": 2}), "/role"),
            (json!({"email": "ada", "role": "member"}), "/email"),
            (json!({"email": "ada@example.com", "role": "member", "max_uses": 2}), "/max_uses"),
            (json!({"role": "member", "max_uses": 0}), "/max_uses"),
            (json!({"role": "member", "max_uses": 1001}), "/max_uses"),
            (json!({"role": "member", "expires_in_days": 0}), "/expires_in_days"),
            (json!({"role": "member", "expires_in_days": 31}), "/expires_in_days"),
        ] {
            let answer = fixture.olga.post(&fixture.path, &invitation).send().await.expect(422);
            assert_problem(&answer);
            assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{invitation}");
        }
        for field in ["secret", "status", "invited_by", "organization_id"] {
            let invitation = json!({"role": "member", field: "x"});
            rejected(fixture.olga.post(&fixture.path, invitation).send().await, 400, "unknown_field");
        }
        fixture.setup.assert_unchanged(&before).await;
    }

    async fn admins_invite_but_not_owners(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let owners = fixture.invite(json!({"email": "eve@example.com", "role": "owner"})).await;
        let adam = fixture.setup.member("alpha", "adam", Role::Admin).await;
        let sent = adam.post(&fixture.path, json!({"email": "ada@example.com", "role": "admin"}));
        sent.send().await.expect(201);
        let path = format!("{}/{}", fixture.path, text(&owners["id"]));
        for call in [
            adam.post(&fixture.path, json!({"email": "bob@example.com", "role": "owner"})),
            adam.post(&fixture.path, json!({"email": "eve@example.com", "role": "viewer"})),
            adam.raw("POST", &format!("{path}/resend")),
            adam.delete(&path),
        ] {
            rejected(call.send().await, 403, "permission_denied");
        }
    }

    async fn a_blocked_invitation_shows_its_reason(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let adam = fixture.setup.member("alpha", "adam", Role::Admin).await;
        let sent = adam.post(&fixture.path, json!({"role": "viewer"})).send().await.expect(201).json();
        fixture.sql("UPDATE organization_members SET role = 'viewer' WHERE role = 'admin'").await;
        let listed = fixture.olga.get(&format!("{}?status=blocked", fixture.path)).send().await.expect(200);
        assert_eq!(items(&listed, "id"), [text(&sent["id"])]);
        assert_eq!(items(&listed, "reason"), ["inviter_may_not_grant"]);
        // What the list says is what a person with the secret gets.
        rejected(fixture.preview(&secret(&sent)).await, 410, "invitation_revoked");
    }

    async fn a_foreign_invitation_is_not_found(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let sent = fixture.invite(json!({"role": "member"})).await;
        let eve = fixture.setup.user("eve").await;
        let beta = fixture.setup.organization(&eve, "beta").await;
        let path = format!("/api/organizations/{beta}/invitations");
        let before = fixture.setup.tables().await;
        let resend = |id: &str| eve.raw("POST", &format!("{path}/{id}/resend")).send();
        let revoke = |id: &str| eve.delete(&format!("{path}/{id}")).send();
        let (unknown_resend, unknown_revoke) = (resend(RANDOM_ID).await, revoke(RANDOM_ID).await);
        assert_eq!(unknown_resend.problem_code(), "invitation_not_found");
        for id in [&text(&sent["id"]), "x", "%00"] {
            assert_same(&resend(id).await.expect(404), &unknown_resend);
            assert_same(&revoke(id).await.expect(404), &unknown_revoke);
        }
        assert!(items(&eve.get(&path).send().await.expect(200), "id").is_empty());
        fixture.setup.assert_unchanged(&before).await;
    }

    async fn anyone_with_the_secret_can_preview_without_using_it(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let sent = fixture.invite(json!({"email": "ada@example.com", "role": "member"})).await;
        let before = fixture.setup.tables().await;
        for _ in 0..2 {
            let preview = fixture.preview(&secret(&sent)).await.expect(200).json();
            let expected = json!({
                "organization_name": "alpha", "role": "member", "expires_at": sent["expires_at"],
            });
            assert_eq!(preview, expected);
        }
        rejected(fixture.preview("tnti_unknown").await, 404, "invitation_not_found");
        fixture.setup.assert_unchanged(&before).await;
    }

    async fn an_inactive_invitation_is_gone_with_its_reason(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let ada = fixture.setup.user("ada").await;
        let used = fixture.secret(json!({"role": "member", "max_uses": 1})).await;
        accept(&fixture.setup.user("bob").await, &used).await.expect(200);
        let revoked = fixture.invite(json!({"role": "member"})).await;
        let path = format!("{}/{}", fixture.path, text(&revoked["id"]));
        for _ in 0..2 {
            fixture.olga.delete(&path).send().await.expect(204);
        }
        let expired = fixture.secret(json!({"role": "member", "max_uses": 3})).await;
        fixture.sql("UPDATE invitations SET expires_at = created_at WHERE max_uses = 3").await;
        let listed = fixture.olga.get(&fixture.path).send().await.expect(200);
        assert_eq!(items(&listed, "status"), ["expired", "revoked", "accepted"]);
        for status in ["expired", "revoked", "accepted", "pending", "blocked"] {
            let path = format!("{}?status={status}", fixture.path);
            let listed = fixture.olga.get(&path).send().await.expect(200);
            let expected = if ["pending", "blocked"].contains(&status) { vec![] } else { vec![status] };
            assert_eq!(items(&listed, "status"), expected);
        }
        fixture.olga.get(&format!("{}?status=open", fixture.path)).send().await.expect(422);
        for (token, code) in [
            (used, "invitation_used"),
            (secret(&revoked), "invitation_revoked"),
            (expired, "invitation_expired"),
        ] {
            rejected(fixture.preview(&token).await, 410, code);
            rejected(accept(&ada, &token).await, 410, code);
            rejected(fixture.sign_up("new", Some(&token)).await, 410, code);
        }
        let disabled = fixture.secret(json!({"role": "member"})).await;
        fixture.setup.set_active("alpha", false).await;
        rejected(fixture.preview(&disabled).await, 404, "invitation_not_found");
        rejected(accept(&ada, &disabled).await, 404, "invitation_not_found");
    }

    async fn accepting_returns_the_membership(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let token = fixture.secret(json!({"email": "ada@example.com", "role": "admin"})).await;
        rejected(accept(&fixture.setup.anonymous(), &token).await, 401, "not_authenticated");
        let bob = fixture.setup.user("bob").await;
        rejected(accept(&bob, &token).await, 403, "invitation_email_mismatch");

        let ada = fixture.setup.user("ada").await;
        let joined = accept(&ada, &token).await.expect(200).json();
        let me = ada.get("/api/auth/me").send().await.expect(200).json();
        let olga = fixture.olga.get("/api/auth/me").send().await.expect(200).json();
        let expected = json!({
            "id": joined["id"], "organization": me["memberships"][0]["organization"],
            "user": me["id"], "role": "admin", "invited_by": olga["id"],
            "invited_at": joined["invited_at"], "joined_at": joined["joined_at"],
        });
        assert_eq!(joined, expected);
        let again = fixture.olga.post(&fixture.path, json!({"email": "ada@example.com", "role": "owner"}));
        rejected(again.send().await, 409, "already_member");
        let link = fixture.secret(json!({"role": "viewer"})).await;
        rejected(accept(&ada, &link).await, 409, "already_member");
        let me = ada.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!(me["memberships"][0]["role"], "admin");
    }

    async fn the_header_is_ignored_on_acceptance(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let token = fixture.secret(json!({"role": "member"})).await;
        let ada = fixture.setup.user("ada").await;
        let call = ada.post("/api/invitations/accept", json!({"token": token}));
        call.organization("no-such-organization").send().await.expect(200);
    }

    async fn resending_invalidates_the_old_secret(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let first = fixture.invite(json!({"email": "ada@example.com", "role": "member"})).await;
        let path = format!("{}/{}/resend", fixture.path, text(&first["id"]));
        let second = fixture.olga.raw("POST", &path).send().await.expect(200).json();
        assert_eq!(second["id"], first["id"]);
        rejected(fixture.preview(&secret(&first)).await, 404, "invitation_not_found");
        fixture.preview(&secret(&second)).await.expect(200);
        let link = fixture.invite(json!({"role": "member"})).await;
        let path = format!("{}/{}/resend", fixture.path, text(&link["id"]));
        rejected(fixture.olga.raw("POST", &path).send().await, 409, "invitation_is_link");
    }

    async fn signing_up_with_an_invitation_joins_in_one_step(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let token = fixture.secret(json!({"email": "ada@example.com", "role": "admin"})).await;
        let before = fixture.setup.tables().await;
        rejected(fixture.sign_up("bob", Some(&token)).await, 403, "invitation_email_mismatch");
        rejected(fixture.sign_up("bob", Some("tnti_x")).await, 404, "invitation_not_found");
        fixture.setup.assert_unchanged(&before).await;

        let client = fixture.setup.anonymous();
        let account = json!({
            "email": "ada@example.com", "password": PASSWORD, "name": "Ada", "invitation_token": token,
        });
        let user = client.post("/api/auth/signup", account).send().await.expect(201).json();
        let expected = json!({
            "id": user["id"], "email": "ada@example.com", "email_verified": false, "name": "Ada",
            "is_superuser": false,
        });
        assert_eq!(user, expected);
        let me = client.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!(me["current_organization"]["slug"], "alpha");
        assert_eq!(me["memberships"][0]["role"], "admin");
    }

    async fn signup_can_require_an_invitation(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let token = fixture.secret(json!({"role": "member"})).await;
        let Fixture { setup, olga, path } = fixture;
        let Setup { server, database } = setup;
        server.stop().await;
        let setup = Setup::with_env(database, &[("TENANTRY__AUTH__SIGNUP", "invitation")]).await;
        let fixture = Fixture { setup, olga, path };
        let before = fixture.setup.tables().await;
        rejected(fixture.sign_up("ada", None).await, 403, "signup_by_invitation_only");
        fixture.setup.assert_unchanged(&before).await;
        fixture.sign_up("ada", Some(&token)).await.expect(201);
    }

    async fn a_full_organization_rejects_new_members(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let token = fixture.secret(json!({"role": "member"})).await;
        fixture.sql("UPDATE organizations SET seat_limit = 1").await;
        let ada = fixture.setup.user("ada").await;
        let before = fixture.setup.tables().await;
        rejected(accept(&ada, &token).await, 409, "seat_limit_reached");
        rejected(fixture.sign_up("bob", Some(&token)).await, 409, "seat_limit_reached");
        let invited = fixture.olga.post(&fixture.path, json!({"role": "member"})).send().await;
        rejected(invited, 409, "seat_limit_reached");
        fixture.setup.assert_unchanged(&before).await;
    }

    async fn a_hundred_concurrent_acceptances_add_one_member(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let token = fixture.secret(json!({"email": "ada@example.com", "role": "member"})).await;
        let ada = fixture.setup.user("ada").await;
        let answers = futures_util::future::join_all((0..100).map(|_| accept(&ada, &token))).await;
        let done = answers.iter().filter(|answer| answer.status == 200).count();
        let gone = answers.iter().filter(|answer| answer.status == 410).count();
        assert_eq!((done, gone), (1, 99));
        let members = "SELECT count(*) FROM organization_members";
        assert_eq!(fixture.setup.database.number(members).await, 2);
    }
}
