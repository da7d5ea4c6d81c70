//! The page before a step that can't be taken back.

use askama::Template;

use super::tabs::TABS;
use crate::frame::Frame;

/// Says what a step does and to how much, and asks for it.
#[derive(Template)]
#[template(path = "admin/confirm.html")]
pub(super) struct ConfirmPage {
    pub(super) frame: Frame,
    pub(super) tab: &'static str,
    pub(super) is_superuser: bool,
    /// The question.
    pub(super) title: String,
    /// What goes with it.
    pub(super) effects: Vec<String>,
    /// Where the form goes, with a hidden field or without.
    pub(super) action: String,
    pub(super) field: Option<(&'static str, String)>,
    /// A choice, by its field and label.
    pub(super) choice: Option<(&'static str, &'static str)>,
    pub(super) button: &'static str,
    pub(super) back: String,
}
