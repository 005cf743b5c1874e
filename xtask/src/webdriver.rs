//! A headless Chromium, driven by the WebDriver protocol: what an end-to-end test needs of it.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::temporary::Folder;
use crate::{setup, shell};

/// How long [`Page::wait`] waits: long enough for a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(30);

/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Named keys, for [`Page::press`].
pub mod key {
    pub const TAB: &str = "\u{e004}";
    pub const ENTER: &str = "\u{e007}";
    pub const SHIFT: &str = "\u{e008}";
    pub const ESCAPE: &str = "\u{e00c}";
    pub const PAGE_DOWN: &str = "\u{e00f}";
    pub const END: &str = "\u{e010}";
    pub const LEFT: &str = "\u{e012}";
    pub const UP: &str = "\u{e013}";
    pub const RIGHT: &str = "\u{e014}";
    pub const DOWN: &str = "\u{e015}";
    pub const DELETE: &str = "\u{e017}";
}

/// One browser with one page. [`Page::close`] ends it and leaves nothing behind.
pub struct Page {
    driver: Child,
    /// The address of the session at the driver.
    session: String,
    folder: Folder,
}

impl Page {
    /// Starts a browser.
    pub fn open() -> Result<Page> {
        let folder = Folder::new()?;
        let mut command = Command::new(setup::chromedriver()?);
        let driver = folder
            .set_for(command.arg("--port=0"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("can't start chromedriver")?;
        let mut page = Page {
            driver,
            session: String::new(),
            folder,
        };
        let mut output = BufReader::new(page.driver.stdout.take().expect("piped"));
        page.session = format!("http://127.0.0.1:{}", port(&mut output)?);
        thread::spawn(move || io::copy(&mut output, &mut io::sink()));

        let capabilities = fs::read_to_string(shell::root().join("webdriver.json"))?;
        let mut capabilities: Value = serde_json::from_str(&capabilities)?;
        capabilities["goog:loggingPrefs"] = json!({ "browser": "ALL" });
        let wanted = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let session = page.post("/session", wanted)?;
        let id = session["sessionId"].as_str().context("no session id")?;
        page.session = format!("{}/session/{id}", page.session);
        Ok(page)
    }

    /// Ends the browser and checks that no process and no profile folder stays.
    pub fn close(mut self) -> Result<()> {
        self.end();
        self.folder.remove()
    }

    fn end(&mut self) {
        // Whatever is broken, the driver has to go; and the browser goes with it.
        let _ = ureq::delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }

    /// Loads `url`, with nothing left of what the page stored before.
    pub fn load(&self, url: &str) -> Result<()> {
        let everything = json!({ "origin": url, "storageTypes": "all" });
        self.devtools("Storage.clearDataForOrigin", everything)?;
        self.post("/url", json!({ "url": url })).map(drop)
    }

    /// Clicks the middle of the first element that `css` selects.
    pub fn click(&self, css: &str) -> Result<()> {
        let id = self.element(css)?;
        self.post(&format!("/element/{id}/click"), json!({}))
            .map(drop)
    }

    /// Types `text` into the element, after what stands there.
    pub fn type_into(&self, css: &str, text: &str) -> Result<()> {
        let id = self.element(css)?;
        self.post(&format!("/element/{id}/value"), json!({ "text": text }))
            .map(drop)
    }

    /// Presses keys together, where the focus is: `&[key::SHIFT, "H"]`.
    pub fn press(&self, keys: &[&str]) -> Result<()> {
        let down = keys
            .iter()
            .map(|key| json!({ "type": "keyDown", "value": key }));
        let up = keys
            .iter()
            .rev()
            .map(|key| json!({ "type": "keyUp", "value": key }));
        let actions: Vec<Value> = down.chain(up).collect();
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": actions });
        self.post("/actions", json!({ "actions": [keyboard] }))
            .map(drop)
    }

    /// Moves the pointer to the first of the points (CSS pixels of the viewport), presses, moves
    /// through the others and lets go.
    pub fn drag(&self, points: &[(i32, i32)]) -> Result<()> {
        let mut moves = points.iter().map(|(x, y)| {
            json!({ "type": "pointerMove", "duration": 50, "x": x, "y": y, "origin": "viewport" })
        });
        let mut actions = Vec::from_iter(moves.next());
        actions.push(json!({ "type": "pointerDown", "button": 0 }));
        actions.extend(moves);
        actions.push(json!({ "type": "pointerUp", "button": 0 }));
        let pointer = json!({ "type": "pointer", "id": "mouse", "actions": actions });
        self.post("/actions", json!({ "actions": [pointer] }))
            .map(drop)
    }

    /// Runs the body of a function in the page and gives what it returns.
    pub fn js(&self, body: &str) -> Result<Value> {
        self.post("/execute/sync", json!({ "script": body, "args": [] }))
    }

    /// Like [`Page::js`]; the function's last argument, `arguments[0]`, takes the result, later.
    pub fn js_later(&self, body: &str) -> Result<Value> {
        self.post("/execute/async", json!({ "script": body, "args": [] }))
    }

    /// Waits until the expression is true in the page.
    pub fn wait(&self, condition: &str) -> Result<()> {
        let start = Instant::now();
        while self.js(&format!("return !!({condition})"))? != json!(true) {
            ensure!(start.elapsed() < PATIENCE, "never came true: {condition}");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// The text of the element, as it is rendered.
    pub fn text(&self, css: &str) -> Result<String> {
        let id = self.element(css)?;
        let text = self.get(&format!("/element/{id}/text"))?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Goes into the frame that `css` selects; back to the page itself without one.
    pub fn enter(&self, frame: Option<&str>) -> Result<()> {
        let id = match frame {
            Some(css) => json!({ ELEMENT: self.element(css)? }),
            None => Value::Null,
        };
        self.post("/frame", json!({ "id": id })).map(drop)
    }

    /// Makes the viewport as large as this, in CSS pixels.
    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics)
            .map(drop)
    }

    /// What the system asks for: `("prefers-color-scheme", "dark")`.
    pub fn prefer(&self, features: &[(&str, &str)]) -> Result<()> {
        let features: Vec<Value> = features
            .iter()
            .map(|(name, value)| json!({ "name": name, "value": value }))
            .collect();
        self.devtools(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        )
        .map(drop)
    }

    /// Sends a command of the DevTools protocol.
    pub fn devtools(&self, name: &str, parameters: Value) -> Result<Value> {
        self.post(
            "/goog/cdp/execute",
            json!({ "cmd": name, "params": parameters }),
        )
    }

    /// What the console said since the last call, refused resources and uncaught errors included.
    pub fn console(&self) -> Result<Vec<String>> {
        let log = self.post("/se/log", json!({ "type": "browser" }))?;
        let entries = log.as_array().context("log")?.iter();
        Ok(entries
            .map(|entry| format!("{}: {}", entry["level"], entry["message"]))
            .collect())
    }

    /// Writes a PNG of the viewport.
    pub fn screenshot(&self, file: &Path) -> Result<()> {
        let image = self.get("/screenshot")?;
        fs::create_dir_all(file.parent().context("folder")?)?;
        fs::write(file, BASE64.decode(image.as_str().context("image")?)?)?;
        Ok(())
    }

    fn element(&self, css: &str) -> Result<String> {
        let query = json!({ "using": "css selector", "value": css });
        let found = self
            .post("/element", query)
            .with_context(|| format!("looking for {css}"))?;
        Ok(found[ELEMENT].as_str().context("element")?.to_owned())
    }

    fn post(&self, path: &str, body: Value) -> Result<Value> {
        let request = ureq::post(format!("{}{path}", self.session));
        answer(
            request
                .config()
                .http_status_as_error(false)
                .build()
                .send_json(body)?,
            path,
        )
    }

    fn get(&self, path: &str) -> Result<Value> {
        let request = ureq::get(format!("{}{path}", self.session));
        answer(
            request
                .config()
                .http_status_as_error(false)
                .build()
                .call()?,
            path,
        )
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.end();
        let _ = self.folder.remove();
    }
}

/// The value of a WebDriver answer, or its error.
fn answer(mut response: ureq::http::Response<ureq::Body>, path: &str) -> Result<Value> {
    let body = response.body_mut().with_config().limit(64 << 20);
    let mut answer: Value = body.read_json()?;
    let value = answer["value"].take();
    ensure!(response.status() == 200, "{path}: {}", value["message"]);
    Ok(value)
}

/// The port that the driver says it listens on.
fn port(output: &mut impl BufRead) -> Result<u16> {
    let mut line = String::new();
    loop {
        line.clear();
        let read = output.read_line(&mut line)?;
        ensure!(read > 0, "chromedriver ended");
        if let Some((_, port)) = line.split_once("successfully on port ") {
            return Ok(port.trim().trim_end_matches('.').parse()?);
        }
    }
}
