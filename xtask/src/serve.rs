//! A small static file server on the loopback interface.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fs, thread};

use anyhow::{Context, Result, bail};

use crate::{dist, shell};

/// Tried first if no port is asked for.
const PORT: u16 = 8080;

/// Builds the site and serves it until it is stopped.
pub fn run(port: Option<u16>) -> Result<()> {
    dist::run(dist::Care::Quick)?;
    let listener = match port {
        Some(port) => TcpListener::bind(("127.0.0.1", port)).with_context(|| {
            format!("can't use port {port}; choose another: cargo xtask serve --port N")
        })?,
        None => next_free_port()?,
    };
    let server = Server::start(listener, &shell::root().join("dist"), "/")?;
    println!(
        "\nKvorum is at {} (choose another port with --port N; Ctrl-C ends)",
        server.url
    );
    loop {
        thread::park();
    }
}

/// [`PORT`], or the first free one after it.
fn next_free_port() -> Result<TcpListener> {
    for port in PORT..PORT + 50 {
        match TcpListener::bind(("127.0.0.1", port)) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                println!("Port {port} is taken: trying the next");
            }
            other => return other.with_context(|| format!("can't use port {port}")),
        }
    }
    bail!("no free port; choose one: cargo xtask serve --port N");
}

/// A running server; it ends with the process.
pub struct Server {
    /// The address of the site, with a slash at its end.
    pub url: String,
    /// What goes wrong with it.
    pub faults: Faults,
}

/// What a test lets go wrong with a file.
#[derive(Clone)]
pub enum Fault {
    /// It isn't there.
    Missing,
    /// The server can't give it.
    Broken,
    /// No answer comes.
    Silent,
    /// Something else is there in its place.
    Other(Vec<u8>),
}

/// Which files something is wrong with: each by a part of its path.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Vec<(String, Fault)>>>);

impl Faults {
    /// From now on, this is wrong with the files whose path has `part` in it.
    pub fn add(&self, part: &str, fault: Fault) {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        faults.push((part.to_owned(), fault));
    }

    /// Nothing is wrong any more.
    pub fn clear(&self) {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        faults.clear();
    }

    fn of(&self, target: &str) -> Option<Fault> {
        let path = target.split(['?', '#']).next()?;
        let faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = faults.iter().find(|(part, _)| path.contains(part.as_str()));
        found.map(|(_, fault)| fault.clone())
    }
}

/// What is served, where, and under which policy.
struct Site {
    folder: PathBuf,
    /// The path on the server, with slashes around it.
    prefix: String,
    /// The Content-Security-Policy of index.html, sent as a header for every page.
    policy: String,
    faults: Faults,
}

impl Server {
    /// Serves `folder` at the path `prefix`, in threads of its own.
    pub fn start(listener: TcpListener, folder: &Path, prefix: &str) -> Result<Server> {
        let folder = folder.canonicalize()?;
        let policy = dist::policy(&fs::read_to_string(folder.join("index.html"))?)?.to_owned();
        let url = format!("http://{}{prefix}", listener.local_addr()?);
        let faults = Faults::default();
        let site = Arc::new(Site {
            folder,
            prefix: prefix.to_owned(),
            policy,
            faults: faults.clone(),
        });
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let site = Arc::clone(&site);
                // A browser that goes away in the middle of an answer is no error of ours.
                thread::spawn(move || drop(site.answer(stream)));
            }
        });
        Ok(Server { url, faults })
    }
}

impl Site {
    /// Reads one request and answers it.
    fn answer(&self, mut stream: TcpStream) -> Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut head = BufReader::new(stream.try_clone()?.take(64 * 1024));
        let mut request = String::new();
        head.read_line(&mut request)?;
        let mut header = String::new();
        while head.read_line(&mut header)? > 2 {
            header.clear();
        }
        let mut words = request.split(' ');
        let (method, target) = (words.next(), words.next().unwrap_or("/"));
        let (status, kind, body, location) = match method {
            Some("GET" | "HEAD") => self.find(target),
            _ => ("405 Method Not Allowed", "text/plain", Vec::new(), None),
        };
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
             Content-Security-Policy: {}\r\nX-Content-Type-Options: nosniff\r\n\
             Cache-Control: no-cache\r\nConnection: close\r\n",
            body.len(),
            self.policy
        )?;
        if let Some(location) = location {
            write!(stream, "Location: {location}\r\n")?;
        }
        stream.write_all(b"\r\n")?;
        if method == Some("GET") {
            stream.write_all(&body)?;
        }
        Ok(())
    }

    /// Status, content type, body and, for a redirection, the new address.
    fn find(&self, target: &str) -> (&'static str, &'static str, Vec<u8>, Option<String>) {
        let other = match self.faults.of(target) {
            Some(Fault::Missing) => {
                return ("404 Not Found", "text/plain", b"Not found\n".into(), None);
            }
            Some(Fault::Broken) => {
                let status = "500 Internal Server Error";
                return (status, "text/plain", b"Broken\n".into(), None);
            }
            Some(Fault::Silent) => {
                thread::sleep(Duration::from_secs(90));
                None
            }
            Some(Fault::Other(bytes)) => Some(bytes),
            None => None,
        };
        let path = target.split(['?', '#']).next().unwrap_or("/");
        let Some(file) = self.file(path) else {
            return ("404 Not Found", "text/plain", b"Not found\n".into(), None);
        };
        if file.is_dir() && !path.ends_with('/') {
            // One slash at the start: two would name another host.
            let location = format!("/{}/", path.trim_start_matches('/'));
            return (
                "301 Moved Permanently",
                "text/plain",
                Vec::new(),
                Some(location),
            );
        }
        let file = if file.is_dir() {
            file.join("index.html")
        } else {
            file
        };
        match other.map_or_else(|| fs::read(&file), Ok) {
            Ok(body) => ("200 OK", content_type(&file), body, None),
            Err(_) => ("404 Not Found", "text/plain", b"Not found\n".into(), None),
        }
    }

    /// The file or folder that `path` names, if it is inside of the site.
    fn file(&self, path: &str) -> Option<PathBuf> {
        let path = decode(path)?;
        let inside = path.strip_prefix(&self.prefix)?;
        let found = self.folder.join(inside).canonicalize().ok()?;
        found.starts_with(&self.folder).then_some(found)
    }
}

/// `path` without its percent signs; nothing if they are wrong.
fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut parts = path.split('%');
    bytes.extend(parts.next()?.bytes());
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend(part[2..].bytes());
    }
    String::from_utf8(bytes).ok()
}

fn content_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("txt") => "text/plain; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("woff2") => "font/woff2",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_site_are_served() {
        let site = Site {
            folder: shell::root().join("xtask/src").canonicalize().unwrap(),
            prefix: "/a/b/".into(),
            policy: String::new(),
            faults: Faults::default(),
        };
        let status = |target| site.find(target).0;
        assert_eq!(status("/a/b/main.rs?x=/"), "200 OK");
        assert_eq!(status("/a/b/m%61in.rs"), "200 OK");
        assert_eq!(status("/a/b/bin"), "301 Moved Permanently");
        for outside in [
            "/main.rs",
            "/a/b/",
            "/a/b/no.rs",
            "/a/b/../Cargo.toml",
            "/a/b/%2e%2e/Cargo.toml",
            "/a/b/..%2fCargo.toml",
            "/a/b//etc/passwd",
            "/a/b/%",
            "/a/b/%zz",
            "/a/b/%00",
            "",
        ] {
            assert_eq!(status(outside), "404 Not Found", "{outside}");
        }
    }
}
