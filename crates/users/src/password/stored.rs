//! A password as it is stored.

use std::{convert::Infallible, fmt};

/// A password hash in PHC form, salt and cost included. Never logged.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct StoredPassword(String);

impl StoredPassword {
    pub(super) fn new(phc: String) -> Self {
        Self(phc)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for StoredPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredPassword")
    }
}

tenantry_core::column_value!(StoredPassword, String, |hash| hash.0, |phc| {
    Ok::<_, Infallible>(StoredPassword(phc))
});
