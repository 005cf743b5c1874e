//! Before a file is written: what stands there already may be something else that is lost then.

use super::Unusable;
use super::link;
use super::sniff::{self, Kind};
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

/// How much of a file is looked at.
const LOOK: u64 = link::MAX_TEXT as u64;

/// A file that somebody wants to have written: its name, what it is to become, and the argument that
/// names it.
pub(super) type Wanted<'a> = (&'a Option<PathBuf>, Kind, &'static str);

/// Makes sure before the work that all of these files can be written, and that nothing of another
/// kind is overwritten: on a terminal somebody is asked, elsewhere it is refused.
///
/// # Errors
/// Something else stands there, and nobody said that it may go; or the file can't be written, or
/// two arguments name the same one.
pub(super) fn ask(files: &[Wanted<'_>], force: bool) -> Result<(), Unusable> {
    for (at, (path, _, flag)) in files.iter().enumerate() {
        let same = files[..at].iter().find(|(other, ..)| other == path);
        if let Some((_, _, other)) = same.filter(|_| path.is_some()) {
            return Err(Unusable::new(format!("{flag}: the file of {other}")));
        }
    }
    for (path, wanted, flag) in files {
        if let Some(path) = path {
            ask_one(path, *wanted, flag, force)?;
        }
    }
    Ok(())
}

fn ask_one(path: &Path, wanted: Kind, flag: &str, force: bool) -> Result<(), Unusable> {
    let name = path.display().to_string();
    let place = |error: io::Error| Unusable::from(error).in_file(&name);
    try_to_write(path).map_err(place)?;
    if force {
        return Ok(());
    }
    let Some(found) = other(path, wanted).map_err(place)? else {
        return Ok(());
    };
    let (found, wanted) = (found.name(), wanted.name());
    if io::stdin().is_terminal() && io::stderr().is_terminal() {
        eprint!("{name} is {found}, not {wanted}. Overwrite it? [y/N] ");
        io::stderr().flush().map_err(place)?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).map_err(place)?;
        if matches!(answer.trim(), "y" | "Y" | "yes" | "Yes") {
            return Ok(());
        }
    }
    let why = format!("{flag}: there is {found} already, not {wanted}; --force overwrites it");
    Err(Unusable::new(why).in_file(&name))
}

/// What stands in a file, if that is of another kind.
pub(super) fn other(path: &Path, wanted: Kind) -> io::Result<Option<Kind>> {
    // A pipe or a device holds nothing.
    if !path.is_file() {
        return Ok(None);
    }
    let mut head = Vec::new();
    File::open(path)?.take(LOOK).read_to_end(&mut head)?;
    let kind = match std::str::from_utf8(&head) {
        Ok(text) => sniff::kind(text),
        // A character may have been cut in two.
        Err(error) if error.error_len().is_none() => {
            sniff::kind(&String::from_utf8_lossy(&head[..error.valid_up_to()]))
        }
        Err(_) => Kind::Other,
    };
    Ok(Some(kind).filter(|kind| *kind != wanted && *kind != Kind::Empty))
}

/// Finds out before the work whether a file can be written, and leaves it as it is.
fn try_to_write(path: &Path) -> io::Result<()> {
    let is_new = path.symlink_metadata().is_err();
    if !is_new && !path.is_file() && !path.is_dir() {
        // To open a pipe and close it would end its reader.
        return Ok(());
    }
    File::options().append(true).create(true).open(path)?;
    if is_new {
        std::fs::remove_file(path)?;
    }
    Ok(())
}
