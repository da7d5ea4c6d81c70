//! The operations on settings.

use async_trait::async_trait;
use tenantry_core::{
    access::{Role, TenantContext},
    event::Changes,
};
use tenantry_domain_events::events::organizations::SettingsChanged;

use super::{
    custom,
    model::{Settings, SettingsView},
    patch::SettingsPatch,
};
use crate::{
    entity::organization,
    error::OrganizationsError,
    organization::store,
    permissions::{ManageOrganization, ViewOrganization},
    service::{Result, Service},
};

/// The settings of an organization.
///
/// # Errors
/// As [`OrganizationsService`](crate::OrganizationsService).
#[async_trait]
pub trait SettingsService: Send + Sync {
    /// The settings of the context's organization.
    async fn settings(&self, ctx: &TenantContext) -> Result<SettingsView>;

    /// Applies a patch. Fails with `LimitsReadOnly` if it contains the limits, and with
    /// `CustomTooLarge`.
    async fn change_settings(
        &self,
        ctx: &TenantContext,
        patch: SettingsPatch,
    ) -> Result<SettingsView>;
}

#[async_trait]
impl SettingsService for Service {
    async fn settings(&self, ctx: &TenantContext) -> Result<SettingsView> {
        let grant = ctx.require::<ViewOrganization>()?;
        let found = store::organization(&self.db.read_global(), grant.organization()).await?;
        let found = found.ok_or(OrganizationsError::NotFound)?;
        Ok(to_view(found, ctx.role()))
    }

    async fn change_settings(
        &self,
        ctx: &TenantContext,
        patch: SettingsPatch,
    ) -> Result<SettingsView> {
        let grant = ctx.require::<ManageOrganization>()?;
        if patch.limits.0 {
            return Err(OrganizationsError::LimitsReadOnly);
        }
        let organization_id = grant.organization();
        let runtime = self.db.runtime();
        let mut work = self.db.begin(&grant);
        let role = self.lock_for(&mut work, &grant).await?;
        let rows = work.global().await?;
        let found = store::organization(&rows, organization_id).await?;
        let mut found = found.ok_or(OrganizationsError::NotFound)?;
        let before = found.settings.clone();
        let changed = patch.apply(&mut found.settings);
        if changed.is_empty() {
            return Ok(to_view(found, role));
        }
        if !custom::fits(&found.settings.custom) {
            return Err(OrganizationsError::CustomTooLarge);
        }
        runtime.failpoint("organizations.settings_merged").await;
        let now = runtime.now();
        store::set_settings(&rows, organization_id, found.settings.clone(), now).await?;
        let event = SettingsChanged {
            organization_id,
            keys: changed.into_iter().map(str::to_owned).collect(),
        };
        work.record_change(&event, known_changes(&before, &found.settings));
        work.commit().await?;
        Ok(to_view(found, role))
    }
}

/// The changes of the known settings. The customer's own values are confidential.
fn known_changes(before: &Settings, after: &Settings) -> Changes {
    let (features, preferences) = (
        (&before.features, &after.features),
        (&before.preferences, &after.preferences),
    );
    Changes::default()
        .field(
            "features.early_access",
            features.0.early_access,
            features.1.early_access,
        )
        .field(
            "features.weekly_digest",
            features.0.weekly_digest,
            features.1.weekly_digest,
        )
        .field(
            "preferences.locale",
            &preferences.0.locale,
            &preferences.1.locale,
        )
        .field(
            "preferences.timezone",
            &preferences.0.timezone,
            &preferences.1.timezone,
        )
}

fn to_view(organization: organization::Model, role: Role) -> SettingsView {
    let limits = organization.limits();
    SettingsView {
        settings: organization.settings,
        limits: (role >= Role::Admin).then_some(limits),
    }
}
