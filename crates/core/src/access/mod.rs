//! Callers, organizations, roles, permissions, and the proofs of them.

mod actor;
mod context;
mod denial;
mod error;
mod permission;
mod resolver;
mod role;
mod second_factor;

pub use actor::{ActedBy, Actor, Identity};
pub use context::{
    AuthMethod, Caller, ContextIssuer, Grant, Operator, SessionCaller, TenantContext,
};
pub use denial::{DenialLog, PermissionDenial};
pub use error::AccessError;
pub use permission::{Permission, PermissionDenied, PermissionInfo};
pub use resolver::{ContextRequest, ContextResolver, Credential, RequiredContext, ResolvedContext};
pub use role::Role;
pub use second_factor::SecondFactor;
