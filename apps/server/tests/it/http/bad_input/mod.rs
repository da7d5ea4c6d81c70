//! Bad input of every kind: always a 4xx problem, never a trace in the data.

mod bodies;
mod connections;
mod paths;
mod requests;
