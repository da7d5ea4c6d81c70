//! The rules about rows once more, in a build with faults on purpose. A program of its own, so
//! that it can be built without any other one.

#[path = "../it/db/mod.rs"]
mod db;
mod gate;
#[path = "../it/walls/row_security.rs"]
mod row_security;
