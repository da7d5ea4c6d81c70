//! `routes`.

use serde_json::json;

use super::output::{answer, table};
use crate::{Failure, app};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let routes = app::routes().infos();
    let listed: Vec<_> = routes
        .iter()
        .map(|route| {
            json!({
                "method": route.method.as_str(),
                "path": route.path,
                "access": route.access.to_string(),
            })
        })
        .collect();
    answer(args.json, &listed, || {
        let rows = routes.iter().map(|route| {
            [
                route.method.to_string(),
                route.path.to_owned(),
                route.access.to_string(),
            ]
        });
        table(["method", "path", "who"], rows.collect())
    })
}
