//! Settings over HTTP.

use std::sync::Arc;

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use crate::{
    http::support::{Setup, text},
    support::Rendezvous,
};

each_database! {
    async fn settings_are_read_by_viewers_and_patched_by_admins(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let viewer = setup.member("acme", "vic", Role::Viewer).await;
        let path = format!("/api/organizations/{acme}/settings");
        let fresh = json!({
            "features": {"early_access": false, "weekly_digest": false},
            "preferences": {"locale": "en", "timezone": "UTC"}, "custom": {},
        });
        assert_eq!(viewer.get(&path).send().await.expect(200).json(), fresh);
        viewer.patch(&path, json!({"custom": {"a": 1}})).send().await.expect(403);
        let patched = ada.patch(&path, json!({"custom": {"a": {"b": [1, "é"]}}})).send().await.expect(200).json();
        assert_eq!(patched["custom"], json!({"a": {"b": [1, "é"]}}));
        assert_eq!(patched["limits"], json!({"seats": null, "projects": null}));
        assert_eq!(ada.get(&path).send().await.expect(200).json(), patched);
        // The media type of RFC 7396 is accepted, too.
        let named = ada.raw("PATCH", &path).body(r#"{"custom": {"c": null}}"#);
        let named = named.header("Content-Type", "application/merge-patch+json");
        assert_eq!(named.send().await.expect(200).json(), patched);

        for (bad, pointer) in [
            (json!({"colour": "red"}), "/colour"),
            (json!({"features": {"flying": true}}), "/features/flying"),
            (json!({"preferences": {"locale": 1}}), "/preferences/locale"),
            (json!({"custom": []}), "/custom"),
        ] {
            let refused = ada.patch(&path, bad).send().await.expect(422);
            assert_eq!(text(&refused.json()["errors"][0]["pointer"]), pointer);
        }
        let limits = ada.patch(&path, json!({"limits": {"seats": 100}})).send().await.expect(403);
        assert_eq!(limits.problem_code(), "limits_read_only");
        let large = json!({"custom": {"a": "x".repeat(17_000)}});
        let large = ada.patch(&path, large).send().await.expect(422);
        assert_eq!(large.problem_code(), "custom_settings_too_large");
        assert_eq!(ada.get(&path).send().await.expect(200).json(), patched);
    }

    async fn two_concurrent_patches_are_both_kept(db: TestDatabase) {
        let rendezvous = Arc::new(Rendezvous::at("organizations.settings_merged"));
        let setup = Setup::with_failpoints(db, rendezvous).await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let path = format!("/api/organizations/{acme}/settings");
        let patch = |name: &str| ada.patch(&path, json!({"custom": {name: true}})).send();
        let (one, two) = tokio::join!(patch("one"), patch("two"));
        one.expect(200);
        two.expect(200);
        let kept = ada.get(&path).send().await.expect(200).json();
        assert_eq!(kept["custom"], json!({"one": true, "two": true}));
    }
}
