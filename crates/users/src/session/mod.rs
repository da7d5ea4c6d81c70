//! Sessions, their lifetime, and the cookie that carries their key.

mod added_cookies;
mod cookie;
mod cookie_settings;
mod device;
mod key;
mod lifetime;
mod pending_cookie;
mod replaced;
mod store_adapter;
mod view;

pub use cookie::{SessionCookie, SessionCredentials, session_middleware};
pub use cookie_settings::{CookieSettings, SecretTooShort};
pub use device::{ACCOUNT_LOGINS, LOGINS, LoginAttempt};
pub use key::{SessionDigest, SessionKey};
pub use lifetime::SessionLifetime;
pub use pending_cookie::PendingLoginCookie;
pub use replaced::end_replaced_sessions;
pub use store_adapter::SessionStoreAdapter;
pub use view::{Session, UserAgent};
