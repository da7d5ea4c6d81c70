//! Sessions: what they are, how long they live, and the cookie that carries their key.

mod cookie;
mod key;
mod lifetime;
mod listed;
mod rows;

pub use cookie::{
    CookieSettings, SessionCookie, SessionCredentials, ShortSecret, session_middleware,
};
pub use key::{SessionDigest, SessionKey};
pub use lifetime::SessionLifetime;
pub use listed::{Session, UserAgent};
pub use rows::SessionRows;
