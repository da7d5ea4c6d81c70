//! The address of the cluster.

use super::role::Role;

/// The port of the cluster, and the password of its roles.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Address {
    pub(super) port: u16,
    pub(super) password: String,
}

impl Address {
    pub(super) fn url(&self, database: &str, role: Role) -> String {
        let Self { port, password } = self;
        let role = role.name();
        format!("postgres://{role}:{password}@127.0.0.1:{port}/{database}?sslmode=disable")
    }
}
