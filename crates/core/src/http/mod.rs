//! What the HTTP side of every module shares.
