//! What admins decide for their organization.

use serde_json::{Value, json};
use tenantry_core::{
    access::{Role, TenantContext},
    input::{InputField as _, Json},
};
use tenantry_domain_events::events::organizations::SettingsChanged;
use tenantry_organizations::{OrganizationsError, SettingsPatch};
use tenantry_testkit::each_database;

use crate::support::Stage;

async fn change(
    stage: &Stage,
    ctx: &TenantContext,
    patch: Json,
) -> Result<Value, OrganizationsError> {
    let patch = SettingsPatch::parse(patch).expect("a valid patch");
    let changed = stage.organizations.change_settings(ctx, patch).await?;
    Ok(serde_json::to_value(changed).expect("plain data"))
}

each_database! {
    async fn a_patch_changes_what_it_names_and_null_goes_back_to_the_default(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let acme = stage.world.organization("acme").await;
        let admin = stage.world.member(acme, Role::Admin).await;
        let done = change(&stage, &admin, json!({
            "features": {"early_access": true}, "preferences": {"locale": "de-CH"},
            "custom": {"colour": "red", "nested": {"a": 1, "b": 2}},
        })).await.expect("changed");
        assert_eq!(done["features"], json!({"early_access": true, "weekly_digest": false}));
        assert_eq!(done["preferences"], json!({"locale": "de-CH", "timezone": "UTC"}));

        let done = change(&stage, &admin, json!({
            "preferences": {"locale": null, "timezone": "Europe/Zurich"},
            "custom": {"nested": {"a": null}},
        })).await.expect("changed");
        assert_eq!(done["features"]["early_access"], true);
        assert_eq!(done["preferences"], json!({"locale": "en", "timezone": "Europe/Zurich"}));
        assert_eq!(done["custom"], json!({"colour": "red", "nested": {"b": 2}}));

        let done = change(&stage, &admin, json!({"features": null, "custom": null})).await.expect("changed");
        assert_eq!((&done["features"]["early_access"], &done["custom"]), (&json!(false), &json!({})));

        let told = stage.world.events.of::<SettingsChanged>();
        let keys: Vec<_> = told.into_iter().map(|told| told.keys.join(" ")).collect();
        assert_eq!(keys, [
            "custom features.early_access preferences.locale",
            "custom preferences.locale preferences.timezone",
            "custom features.early_access",
        ]);
        // What they hold is told to nobody.
        let all = format!("{:?}", stage.world.events.told());
        assert!(!all.contains("Zurich") && !all.contains("colour"), "{all}");
    }

    async fn what_is_as_it_was_is_no_change(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let acme = stage.world.organization("acme").await;
        let admin = stage.world.member(acme, Role::Admin).await;
        for nothing in [json!({}), json!({"features": {"early_access": false}}), json!({"custom": {"a": null}})] {
            change(&stage, &admin, nothing).await.expect("changed");
        }
        assert_eq!(stage.world.events.names(), [""; 0]);
    }

    async fn limits_are_shown_to_admins_and_changed_by_nobody_here(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let acme = stage.world.organization("acme").await;
        stage.world.raw.execute("UPDATE organizations SET seat_limit = 7").await;
        for (role, shown) in [(Role::Viewer, false), (Role::Member, false), (Role::Admin, true), (Role::Owner, true)] {
            let ctx = stage.world.member(acme, role).await;
            let known = stage.organizations.settings(&ctx).await.expect("read");
            assert_eq!(known.limits.is_some(), shown, "{role}");
            if let Some(limits) = known.limits {
                assert_eq!(limits.seats, Some(7));
            }
            let raised = change(&stage, &ctx, json!({"limits": {"seats": 8}})).await;
            match raised {
                Err(OrganizationsError::PermissionDenied(_)) => assert!(!shown),
                Err(OrganizationsError::LimitsReadOnly) => assert!(shown),
                other => panic!("{other:?}"),
            }
        }
    }

    async fn there_is_room_for_16_kilobytes_of_ones_own(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let acme = stage.world.organization("acme").await;
        let admin = stage.world.member(acme, Role::Admin).await;
        let half = "x".repeat(8_000);
        change(&stage, &admin, json!({"custom": {"a": half, "b": half}})).await.expect("fits");
        let refused = change(&stage, &admin, json!({"custom": {"c": half}})).await;
        assert!(matches!(refused, Err(OrganizationsError::CustomTooLarge)));
        let kept = stage.organizations.settings(&admin).await.expect("read").settings.custom;
        assert_eq!(kept.len(), 2);
    }

    async fn settings_of_one_organization_are_not_those_of_another(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let acme = stage.world.organization("acme").await;
        let admin = stage.world.member(acme, Role::Admin).await;
        let globex = stage.world.organization("globex").await;
        let other = stage.world.member(globex, Role::Admin).await;
        change(&stage, &admin, json!({"custom": {"a": 1}})).await.expect("changed");
        assert!(stage.organizations.settings(&other).await.expect("read").settings.custom.is_empty());
    }
}

#[test]
fn what_is_not_known_or_not_valid_is_named() {
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
