//! The registered quotas.

use std::collections::{BTreeMap, HashMap};

use tenantry_core::{
    clock::Timestamp,
    db::{DbError, GlobalRows},
    id::OrganizationId,
    quota::{Quota, QuotaKey, ResourceUsage},
};

use crate::entity::organization::limit_column;

/// The registered quotas, by key.
pub(crate) struct QuotaRegistry(BTreeMap<QuotaKey, Quota>);

/// The usage of several organizations, by quota and organization.
pub(crate) struct UsageByQuota(BTreeMap<QuotaKey, HashMap<OrganizationId, ResourceUsage>>);

impl QuotaRegistry {
    /// # Panics
    /// If two quotas have the same key, or no column stores the limit of one.
    pub(crate) fn new(quotas: impl IntoIterator<Item = Quota>) -> Self {
        let mut registered = BTreeMap::new();
        for quota in quotas {
            let key = quota.key;
            assert!(
                limit_column(key).is_some(),
                "no column stores the limit of {key}"
            );
            let former = registered.insert(key, quota);
            assert!(former.is_none(), "two quotas have the key {key}");
        }
        Self(registered)
    }

    /// The usage of these organizations, by one query per quota.
    pub(crate) async fn usage(
        &self,
        rows: &GlobalRows<'_>,
        organizations: &[OrganizationId],
    ) -> Result<UsageByQuota, DbError> {
        let mut usage = BTreeMap::new();
        for (key, quota) in &self.0 {
            usage.insert(*key, quota.usage.usage(rows, organizations).await?);
        }
        Ok(UsageByQuota(usage))
    }
}

impl UsageByQuota {
    /// The usage of an organization; none if no module registered the quota.
    pub(crate) fn of(&self, key: QuotaKey, organization: OrganizationId) -> ResourceUsage {
        let usage = self.0.get(&key).and_then(|usage| usage.get(&organization));
        usage.copied().unwrap_or_default()
    }

    /// When a resource of the organization was last changed.
    pub(crate) fn last_activity(&self, organization: OrganizationId) -> Option<Timestamp> {
        let usage = self.0.values().filter_map(|usage| usage.get(&organization));
        usage.filter_map(|usage| usage.last_activity).max()
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use tenantry_core::quota::CountUsage;

    use super::*;

    struct Nothing;

    #[async_trait]
    impl CountUsage for Nothing {
        async fn usage(
            &self,
            _: &GlobalRows<'_>,
            _: &[OrganizationId],
        ) -> Result<HashMap<OrganizationId, ResourceUsage>, DbError> {
            Ok(HashMap::new())
        }
    }

    fn quota(key: &'static str) -> Quota {
        Quota {
            key: QuotaKey::new(key),
            usage: &Nothing,
        }
    }

    #[test]
    fn quotas_with_a_column_are_registered() {
        QuotaRegistry::new([quota("seats"), quota("projects")]);
    }

    #[test]
    #[should_panic(expected = "no column stores the limit of flights")]
    fn a_quota_without_a_column_is_refused() {
        QuotaRegistry::new([quota("flights")]);
    }

    #[test]
    #[should_panic(expected = "two quotas have the key seats")]
    fn a_key_is_registered_once() {
        QuotaRegistry::new([quota("seats"), quota("seats")]);
    }
}
