//! Who may do what, where: callers, organizations, roles, permissions and proofs of them.

mod context;
mod permission;
mod refusal;
mod resolver;
mod role;

pub use context::{
    Actor, By, Caller, ContextIssuer, Grant, Operator, PermissionDenied, SessionCaller,
    TenantContext,
};
pub use permission::{Permission, PermissionInfo};
pub use refusal::Refusal;
pub use resolver::{Admission, ContextResolver, Credential, Question, Wanted};
pub use role::Role;
