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
//! Two callers come with a token: `bearer` with one of his organization, `bearer-away` with one of
//! another organization than the one that he owns. Both are, to the rule, what their owner is in the
//! organization that the token is bound to, and nobody anywhere else.

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
