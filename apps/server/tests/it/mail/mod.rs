//! Mails and what they are good for: each flow over HTTP, with the link taken out of the mail.

mod addresses;
mod indistinguishable;
mod invitations;
mod notices;
mod operators;
mod races;
mod recovery;
mod required;
mod secrets;
mod setup;
mod smtp;
