//! A folder for what a browser leaves behind.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

use anyhow::{Context, Result, ensure};

/// How long a browser gets to end after its driver did.
const PATIENCE: Duration = Duration::from_secs(20);

/// A folder of our own among the temporary ones; a browser's profile goes there.
pub struct Folder(PathBuf);

impl Folder {
    /// Makes the folder.
    pub fn new() -> Result<Folder> {
        let path = env::temp_dir().join(format!("kvorum-browser-{}", process::id()));
        fs::create_dir_all(&path).with_context(|| format!("can't make {}", path.display()))?;
        Ok(Folder(path))
    }

    /// Makes `command` put its temporary files here.
    pub fn set_for<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("TMPDIR", &self.0)
    }

    /// Waits until no process uses the folder and removes it; an error if one goes on.
    pub fn remove(&self) -> Result<()> {
        let start = Instant::now();
        while let Some(user) = self.user() {
            ensure!(
                start.elapsed() < PATIENCE,
                "process {user} of a browser is still running in {}",
                self.0.display()
            );
            thread::sleep(Duration::from_millis(50));
        }
        // A process on its way out may still write: try again until nothing is left.
        while let Err(error) = fs::remove_dir_all(&self.0) {
            if !self.0.exists() {
                break;
            }
            ensure!(
                start.elapsed() < PATIENCE,
                "can't remove {}: {error}",
                self.0.display()
            );
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    /// A process, other than this one, that was started with the folder's path (Linux only).
    fn user(&self) -> Option<String> {
        let path = self.0.to_string_lossy();
        let mentions = |pid: &str| {
            ["environ", "cmdline"].iter().any(|file| {
                fs::read(format!("/proc/{pid}/{file}"))
                    .is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(&*path))
            })
        };
        fs::read_dir("/proc").ok()?.flatten().find_map(|entry| {
            let pid = entry.file_name().into_string().ok()?;
            let other = pid.parse::<u32>().ok()? != process::id();
            (other && mentions(&pid)).then_some(pid)
        })
    }
}
