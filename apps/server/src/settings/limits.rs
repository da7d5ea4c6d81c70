//! How much is too much.

use super::{
    catalog::BODY_BYTES,
    reader::{Reader, whole_number},
};

/// Limits of requests.
#[derive(Clone, Debug)]
pub struct LimitSettings {
    /// The largest body of a request, in bytes.
    pub body_bytes: usize,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<LimitSettings> {
    let body_bytes = reader.value(&BODY_BYTES, whole_number(1024, 16 * 1024 * 1024));
    Some(LimitSettings {
        body_bytes: body_bytes?,
    })
}
