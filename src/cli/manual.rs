//! `kvorum completions` and `kvorum man`: what a shell and a reader of manuals need.

use super::{Exit, Unusable, about, unusable};
use clap::CommandFactory;
use clap_complete::Shell;
use std::io::Write;
use std::path::PathBuf;

/// Print the completions for a shell.
///
/// For the present shell: `source <(kvorum completions bash)`. For good: save them where the shell
/// looks, such as ~/.local/share/bash-completion/completions/kvorum, a folder of zsh's $fpath
/// (as _kvorum), or ~/.config/fish/completions/kvorum.fish.
#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

/// Print the manual page, or write those of all commands into a folder.
///
/// For one look: `kvorum man | man -l -`. For good: `kvorum man ~/.local/share/man/man1`.
#[derive(Debug, clap::Args)]
pub struct Man {
    /// The folder; it is made if it isn't there
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

fn only_text(json: bool) -> Result<(), Unusable> {
    match json {
        true => Err(unusable("--json: there is no object to print here")),
        false => Ok(()),
    }
}

pub(super) fn completions(
    args: &Completions,
    json: bool,
    out: &mut impl Write,
) -> Result<Exit, Unusable> {
    only_text(json)?;
    clap_complete::generate(args.shell, &mut super::Cli::command(), "kvorum", out);
    Ok(Exit::Ok)
}

pub(super) fn man(args: &Man, json: bool, out: &mut impl Write) -> Result<Exit, Unusable> {
    only_text(json)?;
    let command = super::Cli::command();
    match &args.folder {
        None => clap_mangen::Man::new(command).render(out)?,
        Some(folder) => {
            std::fs::create_dir_all(folder)
                .and_then(|()| clap_mangen::generate_to(command, folder))
                .map_err(about(folder.display()))?;
        }
    }
    Ok(Exit::Ok)
}
