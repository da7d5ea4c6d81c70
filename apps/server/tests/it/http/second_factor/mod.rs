//! The second factor.

mod enrolment;
mod login;
mod person;
mod races;
mod required;
mod step_up;

pub(crate) use person::{Person, begin, let_checks_age};
