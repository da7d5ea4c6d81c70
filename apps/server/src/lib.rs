//! The `tenantry` program: settings, command line, and the place where the modules meet.

pub mod settings;
