//! Requests and answers, through an application like the server's.

mod body;
mod edge;
mod observed;
mod openapi;
mod problem;
mod query;
mod routes;
mod support;
mod wire;
