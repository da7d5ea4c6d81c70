//! The settings of the cookies.

use actix_web::cookie::Key;

use super::SessionLifetime;

/// The minimum length of a secret. Half of it signs; the other half is for encryption.
const SECRET_MIN: usize = 64;

/// The settings of the session cookie. Cheap to clone.
#[derive(Clone)]
pub struct CookieSettings {
    pub(super) signing: Key,
    pub(super) secure: bool,
    pub(super) lifetime: SessionLifetime,
}

/// A secret that is too short to sign cookies with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must have at least 64 bytes")]
pub struct SecretTooShort;

impl CookieSettings {
    /// Cookies signed with the secret; `secure` if clients connect over HTTPS.
    ///
    /// # Errors
    /// [`SecretTooShort`] when the secret has less than 64 bytes.
    pub fn new(
        secret: &[u8],
        secure: bool,
        lifetime: SessionLifetime,
    ) -> Result<Self, SecretTooShort> {
        if secret.len() < SECRET_MIN {
            return Err(SecretTooShort);
        }
        Ok(Self {
            signing: Key::from(secret),
            secure,
            lifetime,
        })
    }

    /// The cookie's name. Browsers accept `__Host-` only over HTTPS and from this very host, so
    /// a sibling domain can't plant one (RFC 6265bis, section 4.1.3.2).
    #[must_use]
    pub const fn name(&self) -> &'static str {
        if self.secure {
            "__Host-tenantry_session"
        } else {
            "tenantry_session"
        }
    }

    /// The name of the cookie of a login that waits for the second factor.
    pub(super) const fn pending_name(&self) -> &'static str {
        if self.secure {
            "__Host-tenantry_login"
        } else {
            "tenantry_login"
        }
    }

    /// The name of the cookie that marks a device on which an account was used.
    pub(super) const fn device_name(&self) -> &'static str {
        if self.secure {
            "__Host-tenantry_device"
        } else {
            "tenantry_device"
        }
    }
}

impl std::fmt::Debug for CookieSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CookieSettings")
            .field("secure", &self.secure)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}
