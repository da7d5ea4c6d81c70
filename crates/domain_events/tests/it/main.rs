//! The guarantees of recording and delivering events.

mod bus;
mod cost;
mod delay;
mod envelope;
mod guarantees;
mod jobs;
mod support;
mod throughput;
mod wire;
