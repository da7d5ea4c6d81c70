//! What the modules of Tenantry may rely on.

mod http;
