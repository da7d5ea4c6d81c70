//! What the modules of Tenantry may rely on.

mod compile_fail;
mod db;
mod walls;
