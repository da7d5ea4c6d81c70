//! What the modules of Tenantry may rely on.

mod db;
mod http;
mod walls;
