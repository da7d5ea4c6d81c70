//! Requests and responses, through an application like the server's.

mod authorize;
mod body;
mod edge;
mod observed;
mod openapi;
mod problem;
mod protection;
mod query;
mod responses;
mod routes;
mod slow;
mod support;
mod wire;
