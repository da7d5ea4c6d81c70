//! Who gets what: every registered route, called by every kind of caller, for what is his own,
//! for what is somebody else's and for what does not exist.
//!
//! - [`rows`]: how each route is called. A new route needs a row there; the test names it
//! - [`rule`]: what the answer has to be, from the route's access and the caller alone
//! - [`cast`]: the callers, and the organizations that they belong to or not
//! - [`parts`]: who they are, and how they come to their places
//! - [`prepared`]: a call, made from a row, a caller and what it names
//! - [`walk`]: every call, and what is held against its answer
//! - [`canaries`]: texts that only some may read, looked for in every answer
//! - [`written`]: rows that a call wrote
//! - [`picture`]: the table as text, for `cargo test callers -- --nocapture`
//! - [`proofs`]: that a leak would be seen
//!
//! Tokens do not exist yet, so the caller `bearer` sends a made-up one and gets 401 wherever
//! somebody must be signed in. With tokens it becomes the token bound to another organization.

mod canaries;
mod cast;
mod parts;
mod picture;
mod prepared;
mod proofs;
mod rows;
mod rule;
mod walk;
mod written;
