//! The page before a step that can't be taken back.

use askama::Template;

use super::tabs::TABS;
use crate::frame::Frame;

/// Says what a step does, and asks for it.
#[derive(Template)]
#[template(path = "account/confirm.html")]
pub(super) struct ConfirmPage {
    pub(super) frame: Frame,
    pub(super) tab: &'static str,
    /// The question.
    pub(super) title: String,
    /// What goes with it.
    pub(super) effects: Vec<String>,
    /// Where the form goes.
    pub(super) action: String,
    pub(super) button: &'static str,
}
