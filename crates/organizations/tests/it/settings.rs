//! The settings of an organization.

use serde_json::{Value, json};
use tenantry_core::{
    access::{Role, TenantContext},
    input::{InputField as _, Json},
};
use tenantry_domain_events::events::organizations::SettingsChanged;
use tenantry_organizations::{Features, OrganizationsError, Preferences, SettingsPatch};
use tenantry_testkit::each_database;

use crate::support::Fixture;

async fn change(
    fixture: &Fixture,
    ctx: &TenantContext,
    patch: Json,
) -> Result<Value, OrganizationsError> {
    let patch = SettingsPatch::parse(patch).expect("a valid patch");
    let changed = fixture
        .organizations
        .settings
        .change_settings(ctx, patch)
        .await?;
    Ok(serde_json::to_value(changed).expect("plain data"))
}

each_database! {
    async fn features_and_preferences_are_replaced_and_custom_values_stay(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let admin = fixture.world.member(acme, Role::Admin).await;
        change(
            &fixture,
            &admin,
            json!({"features": {"early_access": true}, "custom": {"a": 1}}),
        )
        .await
        .expect("changed");
        let features = Features {
            early_access: false,
            weekly_digest: true,
        };
        let preferences = Preferences {
            timezone: "Europe/Zurich".parse().expect("valid"),
            ..Preferences::default()
        };
        let patch = SettingsPatch::replacing(features, preferences.clone());
        let changed = fixture
            .organizations
            .settings
            .change_settings(&admin, patch)
            .await
            .expect("changed")
            .settings;
        assert_eq!(
            (changed.features, &changed.preferences),
            (features, &preferences)
        );
        assert_eq!(changed.custom["a"], 1);
    }

    async fn a_patch_changes_what_it_names_and_null_goes_back_to_the_default(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let admin = fixture.world.member(acme, Role::Admin).await;
        let done = change(&fixture, &admin, json!({
            "features": {"early_access": true}, "preferences": {"locale": "de-CH"},
            "custom": {"colour": "red", "nested": {"a": 1, "b": 2}},
        })).await.expect("changed");
        assert_eq!(done["features"], json!({"early_access": true, "weekly_digest": false}));
        assert_eq!(done["preferences"], json!({"locale": "de-CH", "timezone": "UTC"}));

        let done = change(&fixture, &admin, json!({
            "preferences": {"locale": null, "timezone": "Europe/Zurich"},
            "custom": {"nested": {"a": null}},
        })).await.expect("changed");
        assert_eq!(done["features"]["early_access"], true);
        assert_eq!(done["preferences"], json!({"locale": "en", "timezone": "Europe/Zurich"}));
        assert_eq!(done["custom"], json!({"colour": "red", "nested": {"b": 2}}));

        let done = change(&fixture, &admin, json!({"features": null, "custom": null})).await.expect("changed");
        assert_eq!((&done["features"]["early_access"], &done["custom"]), (&json!(false), &json!({})));

        let recorded = fixture.world.events.of::<SettingsChanged>();
        let keys: Vec<_> = recorded.into_iter().map(|recorded| recorded.keys.join(" ")).collect();
        assert_eq!(keys, [
            "custom features.early_access preferences.locale",
            "custom preferences.locale preferences.timezone",
            "custom features.early_access",
        ]);
        // Events contain no values.
        let all = format!("{:?}", fixture.world.events.published());
        assert!(!all.contains("Zurich") && !all.contains("colour"), "{all}");
    }

    async fn a_patch_without_a_difference_is_no_change(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let admin = fixture.world.member(acme, Role::Admin).await;
        for nothing in [json!({}), json!({"features": {"early_access": false}}), json!({"custom": {"a": null}})] {
            change(&fixture, &admin, nothing).await.expect("changed");
        }
        assert_eq!(fixture.world.events.names(), [""; 0]);
    }

    async fn limits_are_shown_to_admins_and_read_only(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        fixture.world.raw.execute("UPDATE organizations SET seat_limit = 7").await;
        for (role, shown) in [(Role::Viewer, false), (Role::Member, false), (Role::Admin, true), (Role::Owner, true)] {
            let ctx = fixture.world.member(acme, role).await;
            let known = fixture.organizations.settings.settings(&ctx).await.expect("read");
            assert_eq!(known.limits.is_some(), shown, "{role}");
            if let Some(limits) = known.limits {
                assert_eq!(limits.seats, Some(7));
            }
            let raised = change(&fixture, &ctx, json!({"limits": {"seats": 8}})).await;
            match raised {
                Err(OrganizationsError::PermissionDenied(_)) => assert!(!shown),
                Err(OrganizationsError::LimitsReadOnly) => assert!(shown),
                other => panic!("{other:?}"),
            }
        }
    }

    async fn custom_settings_have_at_most_16_kilobytes(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let admin = fixture.world.member(acme, Role::Admin).await;
        let half = "x".repeat(8_000);
        change(&fixture, &admin, json!({"custom": {"a": half, "b": half}})).await.expect("fits");
        let refused = change(&fixture, &admin, json!({"custom": {"c": half}})).await;
        assert!(matches!(refused, Err(OrganizationsError::CustomTooLarge)));
        let kept = fixture.organizations.settings.settings(&admin).await.expect("read").settings.custom;
        assert_eq!(kept.len(), 2);
    }

    async fn settings_of_one_organization_are_not_those_of_another(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let admin = fixture.world.member(acme, Role::Admin).await;
        let globex = fixture.world.organization("globex").await;
        let other = fixture.world.member(globex, Role::Admin).await;
        change(&fixture, &admin, json!({"custom": {"a": 1}})).await.expect("changed");
        assert!(fixture.organizations.settings.settings(&other).await.expect("read").settings.custom.is_empty());
    }
}

#[test]
fn unknown_and_invalid_members_are_named() {
    for (patch, wrong) in [
        (json!({"colour": "red"}), "/colour"),
        (json!({"features": {"flying": true}}), "/features/flying"),
        (
            json!({"features": {"early_access": "yes"}}),
            "/features/early_access",
        ),
        (json!({"features": []}), "/features"),
        (
            json!({"preferences": {"locale": "klingon"}}),
            "/preferences/locale",
        ),
        (
            json!({"preferences": {"timezone": 1}}),
            "/preferences/timezone",
        ),
        (json!({"custom": 1}), "/custom"),
        (json!({"custom": [[[[[[[[[1]]]]]]]]]}), "/custom"),
    ] {
        let error = SettingsPatch::parse(patch).expect_err("refused");
        assert!(
            format!("{error:?}").contains(&format!("\"{wrong}\"")),
            "{error:?}"
        );
    }
}
