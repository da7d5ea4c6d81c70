//! What the consumers of a stream may rely on, with a broker that really runs.

mod arrival;
mod broker;
mod form;
mod support;
