//! `completions` and `man`.

use clap::Command;
use clap_complete::Shell;

use super::output::print;
use crate::Failure;

#[derive(clap::Args)]
pub(super) struct CompletionsArgs {
    /// The shell to complete for
    shell: Shell,
}

#[derive(clap::Args)]
pub(super) struct ManArgs {
    /// The command, such as `org create`; without one, the program itself
    command: Vec<String>,
}

pub(super) fn completions(args: &CompletionsArgs, mut cli: Command) -> Result<(), Failure> {
    let mut script = Vec::new();
    let name = cli.get_name().to_owned();
    clap_complete::generate(args.shell, &mut cli, name, &mut script);
    printed(script)
}

pub(super) fn man(args: &ManArgs, mut cli: Command) -> Result<(), Failure> {
    cli.build();
    let mut command: &Command = &cli;
    for name in &args.command {
        let found = command.find_subcommand(name);
        command = found.ok_or_else(|| {
            Failure::Usage(format!("there is no command `{}`", args.command.join(" ")))
        })?;
    }
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command.clone()).render(&mut page);
    rendered.map_err(|error| Failure::caused_by("the page can't be written", &error))?;
    printed(page)
}

fn printed(text: Vec<u8>) -> Result<(), Failure> {
    print(&String::from_utf8_lossy(&text))
}
