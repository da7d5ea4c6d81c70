//! Passwords: rules, hashing and storage.

mod common;
mod cost;
mod hasher;
mod stored;
mod text;
mod threads;

pub use cost::PasswordCost;
pub use hasher::{HashingCapacity, PasswordHasher};
pub(crate) use hasher::{HashingError, Verdict};
pub(crate) use stored::StoredPassword;
pub use text::{Password, PasswordInput};
