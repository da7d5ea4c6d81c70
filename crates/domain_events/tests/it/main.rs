//! What those who tell events and those who listen may rely on.

mod bus;
mod cost;
mod delay;
mod envelope;
mod guarantees;
mod support;
mod throughput;
mod wire;
