//! `openapi`.

use super::output::print_json;
use crate::{Failure, app};

pub(super) fn run() -> Result<(), Failure> {
    print_json(&app::document(&app::routes()))
}
