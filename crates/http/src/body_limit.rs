//! The maximum size of a body.

/// The maximum size of a body in bytes, as plain `app_data`; by default 64 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyLimit(pub usize);

impl Default for BodyLimit {
    fn default() -> Self {
        Self(65_536)
    }
}
