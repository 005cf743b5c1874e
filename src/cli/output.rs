//! The standard output, where results go.

use crate::view::text::escaped;
use std::io::{self, BufWriter, StdoutLock, Write};

/// The results of a command. That they can't be written changes nothing of what they are: writing
/// always succeeds, and [`Output::end`] says at the end what became of it.
pub(super) struct Output {
    to: Option<BufWriter<StdoutLock<'static>>>,
    failed: Option<io::Error>,
}

impl Output {
    /// The standard output; if `quiet`, nothing is printed.
    pub fn new(quiet: bool) -> Output {
        Output {
            to: (!quiet).then(|| BufWriter::new(io::stdout().lock())),
            failed: None,
        }
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// The first thing that went wrong since the beginning.
    pub fn end(mut self) -> io::Result<()> {
        self.flush()?;
        self.failed.take().map_or(Ok(()), Err)
    }

    fn attempt(&mut self, f: impl FnOnce(&mut BufWriter<StdoutLock<'static>>) -> io::Result<()>) {
        let Some(to) = &mut self.to else { return };
        if let Err(error) = f(to) {
            self.failed = Some(error);
            // What is still in the buffer is lost, too.
            if let Some(to) = self.to.take() {
                let _lost = to.into_parts();
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Texts come whole, and may have been written by anybody.
        let text = std::str::from_utf8(bytes).map(escaped);
        let bytes_to_write = text.as_ref().map_or(bytes, |text| text.as_bytes());
        self.attempt(|to| to.write_all(bytes_to_write));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.attempt(Write::flush);
        Ok(())
    }
}
