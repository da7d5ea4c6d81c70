//! An organization: creating and renaming it, its settings, quotas and deletion, and its lock.

mod creation;
pub(crate) mod deletion;
pub(crate) mod directory;
pub(crate) mod http;
mod lock;
pub(crate) mod model;
pub(crate) mod navigation;
pub(crate) mod quotas;
pub(crate) mod service;
pub(crate) mod settings;
pub(crate) mod store;
