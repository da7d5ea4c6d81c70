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
            "require_mfa": false,
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

    async fn a_number_of_custom_settings_comes_back_as_the_same_value_or_is_refused(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let path = format!("/api/organizations/{acme}/settings");
        let patch = |body: String| {
            let call = ada.raw("PATCH", &path).body(body);
            call.header("Content-Type", "application/json").send()
        };
        let kept = async || {
            let answer = ada.get(&path).send().await.expect(200);
            let text = String::from_utf8(answer.body).expect("text");
            let (_, rest) = text.split_once("\"n\":").expect("the member");
            rest.split(['}', ',', ']']).next().expect("a number").to_owned()
        };
        let mut doubles = vec![
            0.1 + 0.2, 1.0 / 3.0, 100.0, 1e15, 1e17, 1e18, 5e-324, 2.2250738585072014e-308, f64::MAX,
            f64::MIN_POSITIVE, -0.0, 8.589_973e9, 1.234_567_890_123_456_7e-7,
        ];
        // Numbers over the whole range, always the same ones.
        let mut bits: u64 = 1;
        while doubles.len() < 80 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let double = f64::from_bits(bits);
            let is_whole = double.fract() == 0.0;
            doubles.extend((double.is_finite() && !is_whole).then_some(double));
        }
        for double in doubles {
            let text = format!("{double:e}");
            patch(format!(r#"{{"custom": {{"n": {text}}}}}"#)).await.expect(200);
            let found: f64 = kept().await.parse().expect("a number");
            assert_eq!(found.to_bits(), double.to_bits(), "{text}");
        }
        for same in ["0", "-1", "9007199254740993", "18446744073709551615", "-9223372036854775808"] {
            patch(format!(r#"{{"custom": {{"n": {same}}}}}"#)).await.expect(200);
            assert_eq!(kept().await, same);
        }
        for (written, same) in [("1.50", 1.5), ("1E2", 1e2), ("0.0001e4", 1.0), ("-0", -0.0), ("0e999", 0.0)] {
            patch(format!(r#"{{"custom": {{"n": {written}}}}}"#)).await.expect(200);
            let found: f64 = kept().await.parse().expect("a number");
            assert_eq!(found.to_bits(), f64::to_bits(same), "{written}");
        }

        for lost in [
            "0.1000000000000000055511151231257827", "3.14159265358979323846", "9007199254740993.5",
            "18446744073709551616", "-9223372036854775809", "123456789012345678901234567890", "1e-400",
            "4.9e-324", "123456789012345678.5", "1.7976931348623157e308000000000000000000000",
        ] {
            for nested in [lost.to_owned(), format!("[1, {{\"deep\": [{lost}]}}]")] {
                let body = format!(r#"{{"features": {{"early_access": true}}, "custom": {{"n": {nested}}}}}"#);
                let refused = patch(body).await;
                let refused = refused.expect(422);
                assert_eq!(refused.problem_code(), "validation_failed", "{lost}");
                assert_eq!(text(&refused.json()["errors"][0]["pointer"]), "/custom", "{lost}");
            }
        }
        let settings = ada.get(&path).send().await.expect(200).json();
        assert_eq!(settings["features"]["early_access"], false);
        // In text, any number is only text.
        let written = r#"{"custom": {"s": "\"n\": 0.10000000000000000001", "0.10000000000000000001": 1}}"#;
        patch(written.to_owned()).await.expect(200);
        patch(r#"{"custom": {"s": null, "0.10000000000000000001": null}}"#.to_owned()).await.expect(200);
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
