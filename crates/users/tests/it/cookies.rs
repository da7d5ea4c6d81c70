//! The session cookie, through the routes.
