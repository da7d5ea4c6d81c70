//! The operations on settings.

use async_trait::async_trait;
use tenantry_core::{
    access::{AccessError, ActedBy, Grant, Role, TenantContext},
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
    permissions::{ManageOrganization, RequireSecondFactor, ViewOrganization},
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
    /// `CustomTooLarge`. Whether a second factor is required is changed by an owner with one, who proved
    /// it recently; else fails with `PermissionDenied` or `Access`.
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
        let require_mfa = patch.require_mfa.0.map(Option::unwrap_or_default);
        let owner = match require_mfa {
            Some(_) => Some(may_require_mfa(ctx)?),
            None => None,
        };
        let organization_id = grant.organization();
        let runtime = self.db.runtime();
        let mut work = self.db.begin(&grant);
        let role = match &owner {
            Some(owner) => self.lock_for(&mut work, owner).await?,
            None => self.lock_for(&mut work, &grant).await?,
        };
        let rows = work.global().await?;
        let found = store::organization(&rows, organization_id).await?;
        let mut found = found.ok_or(OrganizationsError::NotFound)?;
        let before = found.settings.clone();
        let mut changed = patch.apply(&mut found.settings);
        let required_before = found.requires_second_factor;
        let is_required = require_mfa.unwrap_or(required_before);
        if is_required != required_before {
            found.requires_second_factor = is_required;
            changed.insert("require_mfa");
        }
        if changed.is_empty() {
            return Ok(to_view(found, role));
        }
        if !custom::fits(&found.settings.custom) {
            return Err(OrganizationsError::CustomTooLarge);
        }
        runtime.failpoint("organizations.settings_merged").await;
        let now = runtime.now();
        let settings = found.settings.clone();
        store::set_settings(&rows, organization_id, settings, is_required, now).await?;
        let event = SettingsChanged {
            organization_id,
            keys: changed.into_iter().map(str::to_owned).collect(),
        };
        let changes = known_changes(&before, &found.settings).field(
            "require_mfa",
            required_before,
            is_required,
        );
        work.record_change(&event, changes);
        work.commit().await?;
        Ok(to_view(found, role))
    }
}

/// The right of an owner with a second factor, who would else be locked out by the own change. Not of a
/// token: a person who changes it proves the factor.
fn may_require_mfa(ctx: &TenantContext) -> Result<Grant<RequireSecondFactor>> {
    let grant = ctx.require::<RequireSecondFactor>()?;
    if matches!(ctx.actor().by, ActedBy::Token { .. }) {
        return Err(AccessError::SessionRequired.into());
    }
    let second_factor = ctx.second_factor();
    second_factor.require_checked()?;
    second_factor.require_recent()?;
    Ok(grant)
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
        require_mfa: organization.requires_second_factor,
        limits: (role >= Role::Admin).then_some(limits),
    }
}
