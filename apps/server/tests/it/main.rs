//! The server as a whole, and the house that it is built as.

mod architecture;
