//! The runner, on lists made for these tests, and the rules of the real list.

mod apart;
mod fresh;
mod keys;
mod lists;
mod names;
mod steps;
