//! Passkeys, with an authenticator in software. The rules of the ceremonies themselves are tested in
//! `crates/users/src/passkeys/ceremony`.

mod adding;
mod authenticator;
mod checking;
mod login;
mod person;
mod races;
mod removing;
