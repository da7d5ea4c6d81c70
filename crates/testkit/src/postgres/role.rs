//! The roles of the cluster.

/// The database superuser of the cluster. The name is unusual, so that another cluster is never
/// mistaken for ours.
pub(super) const SUPERUSER: &str = "tenantry_test";

/// The roles of the cluster. They share one password.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Role {
    /// Bypasses row-level security: for what a test does without tenant scope.
    Superuser,
    /// Owns the tables: for migrations.
    Owner,
    /// Reads and writes rows, as the server does.
    Application,
}

impl Role {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Superuser => SUPERUSER,
            Self::Owner => "tenantry_owner",
            Self::Application => "tenantry_app",
        }
    }
}
