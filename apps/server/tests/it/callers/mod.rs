//! The route × caller table: every registered route is called by every kind of caller, with its
//! own ids, foreign ids and ids that do not exist.
//!
//! - [`rows`]: how each route is called: its declared sample, and what is particular to a route
//! - [`expected`]: the expected response, derived from the route's access and the caller only
//! - [`fixture`]: the callers and the organizations
//! - [`specs`]: the kinds of callers, and how they become members
//! - [`prepared_call`]: a call, built from a row, a caller and a target
//! - [`run`]: sends every call and checks the response
//! - [`canaries`]: texts with a known set of readers, searched for in every response
//! - [`writes`]: rows that a call wrote
//! - [`report`]: the table as text, for `cargo test callers -- --nocapture`
//! - [`detection`]: a leak would be detected
//!
//! Two callers use a token: `bearer` for its own organization, `bearer-away` for an organization
//! other than the one that its user owns. A token has its user's role in the organization that it
//! is bound to, and no access elsewhere.

mod canaries;
mod detection;
mod expected;
mod fixture;
mod prepared_call;
mod report;
mod rows;
mod run;
mod specs;
mod writes;
