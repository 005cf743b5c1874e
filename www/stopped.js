// What the page says when its program doesn't start, has stopped, or is older than the site; and
// how it makes a link to the run. A plain script, for start.js, which keeps the run.
"use strict";
(() => {
  const page = document;
  const { element, button, row } = globalThis.kvorumPage;
  const home = new URL("./", page.currentScript.src);
  const LONGEST = 1 << 20; // characters that a link may have: MAX_LINK in src/run/link.rs

  // ───────── the run, as a recording and as a link ─────────

  const recording = (run) => JSON.stringify(run);

  const word = (x) => BigInt.asUintN(64, x);

  // `Fold` in src/base/hash.rs: the checksum of a link is the lower half.
  function checksum(bytes) {
    const mix = (x) => {
      x = word(x + 0x9e3779b97f4a7c15n);
      x = word((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n);
      x = word((x ^ (x >> 27n)) * 0x94d049bb133111ebn);
      return x ^ (x >> 31n);
    };
    const padded = new Uint8Array(Math.ceil(bytes.length / 8) * 8);
    padded.set(bytes);
    const words = new DataView(padded.buffer);
    let fold = mix(BigInt(bytes.length));
    for (let at = 0; at < padded.length; at += 8) fold = mix(fold ^ words.getBigUint64(at, true));
    return BigInt.asUintN(32, fold).toString(16).padStart(8, "0");
  }

  // Raw deflate: compressed by the browser, or, where it can't, in blocks that hold bytes as they are.
  async function deflated(bytes) {
    try {
      const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
      return new Uint8Array(await new Response(stream).arrayBuffer());
    } catch {
      const parts = [];
      for (let at = 0; at < bytes.length; at += 65535) {
        const part = bytes.subarray(at, at + 65535), n = part.length;
        const last = at + n === bytes.length ? 1 : 0;
        parts.push(new Uint8Array([last, n & 255, n >> 8, ~n & 255, (~n >> 8) & 255]), part);
      }
      return new Uint8Array(await new Blob(parts).arrayBuffer());
    }
  }

  // The fragment of a link to the run, without its `#`; see src/run/link.rs.
  async function fragment(run) {
    const bytes = await deflated(new TextEncoder().encode(recording(run)));
    let text = "";
    for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
    const payload = btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
    return `run=1.${checksum(bytes)}.${payload}`;
  }

  // Loads the page anew, with the run in its address.
  async function reload(run) {
    const link = run && await fragment(run).catch(() => "");
    if (link && link.length <= LONGEST) location.hash = link;
    location.reload();
  }

  // ───────── the page doesn't start ─────────

  // Whether the server has another version of the site than this page is of.
  async function newer() {
    const mine = page.querySelector("meta[name=kvorum-build]")?.content;
    try {
      const got = await fetch("kvorum.js", { cache: "no-cache", signal: AbortSignal.timeout(10000) });
      const its = got.ok && /build = "(\w+)"/.exec(await got.text());
      return !!mine && !!its && its[1] !== mine;
    } catch {
      return false;
    }
  }

  // Why not, what helps, and at last whether another try may.
  async function reason(error, refused) {
    if (location.protocol === "file:") {
      return ["Opened as a file, the page can’t load its program: a browser loads one from a server only.",
        "Serve the folder and open the address that is printed, for example with: python3 -m http.server"];
    }
    if (typeof WebAssembly !== "object") {
      return ["This browser runs no WebAssembly here, and Kvorum is made of it.",
        "It may be switched off by a lockdown mode, an extension or a policy. Another browser will do."];
    }
    if (refused.length || /Content Security/.test(error)) {
      return ["A Content-Security-Policy forbids a part of the page.", refused[0],
        "Whoever serves the page, or puts it in a frame, has to allow: script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'."];
    }
    if (self.origin === "null") {
      return ["The page stands in a sandboxed frame, and its server lets no such frame load its program.",
        "The frame needs sandbox=\"allow-scripts allow-same-origin\". Or open the page by itself."];
    }
    if (await newer()) return ["This page is older than the site: a new version was deployed.", "", true];
    if (!navigator.onLine) return ["There is no connection to the network.", "", true];
    if (error && !/fetch/.test(error)) return [`Its program can’t be used. ${error}`, "If it is the same after a reload, please report this.", true];
    return ["A part of its program didn’t arrive: the server doesn’t have it, or can’t be reached.", error && String(error), true];
  }

  // ───────── the program has stopped ─────────

  // Over the page, which does nothing any more; or in the place of a figure, where others go on.
  async function show(run, what, full, place, again) {
    if (!place) for (const dialog of page.querySelectorAll("dialog[open]")) dialog.close();
    const panel = element("div", { class: "kv-dialog kv-stopped", role: place ? "alert" : "alertdialog", "aria-label": "The simulation stopped", lang: "en" },
      element("h2", {}, "The simulation stopped"),
      element("p", {}, full
        ? `${full} Restart goes to the same run, at the moment before; go on from there with less: fewer requests, a lower speed.`
        : "This is a mistake in Kvorum, not in the run. The link below holds the same run, up to the moment before; please report both."),
      element("pre", { class: "kv-code" }, what));
    if (place) place.replaceChildren(element("div", { class: "kv" }, panel));
    else page.body.append(panel);
    if (!run) {
      panel.append(row(button("Restart", again ?? (() => location.reload()), true)));
      return;
    }
    const count = run.journal.length === 1 ? "1 action" : `${run.journal.length} actions`;
    const at = (run.playhead / 1e6).toFixed(3);
    panel.append(element("p", {}, `Scenario ${run.scenario}, seed ${run.seed}, ${count}, at ${at} s`));
    const made = await fragment(run).catch(() => "");
    const link = made && made.length <= LONGEST;
    const text = link ? (place ? home : location.href.split("#")[0]) + "#" + made : recording(run);
    const field = element("textarea", { class: "kv-code", readonly: "", rows: "4", spellcheck: "false" }, text);
    const name = link ? "A link to this run" : "This run, too long for a link: keep it as a file, and open it with G";
    const copy = (made) => {
      field.select();
      const done = navigator.clipboard?.writeText(text) ?? Promise.reject();
      done.then(() => { made.textContent = "Copied"; }, () => page.execCommand("copy"));
    };
    const restart = button("Restart", again ?? (() => reload(run)), true);
    panel.append(element("label", {}, name, field), row(restart, button(link ? "Copy the link" : "Copy it", copy)));
    if (!place) restart.focus();
  }

  // ───────── a new version while the page is open ─────────

  // If that is why something isn't there.
  async function offer(run) {
    if (!await newer() || page.querySelector(".kv-newer, .kv-boot [role=alert]")) return;
    const dialog = element("dialog", { class: "kv-dialog kv-newer", "aria-labelledby": "newer", lang: "en" },
      element("h2", { id: "newer" }, "A new version of Kvorum was deployed"),
      element("p", {}, "This page is older, and the server doesn’t have its other parts any more. The run goes with you: what was done in it, and this moment."),
      row(button("Reload and keep the run", () => reload(run), true), button("Not now", () => dialog.close())));
    dialog.addEventListener("close", () => dialog.remove());
    page.body.append(dialog);
    dialog.showModal();
  }

  globalThis.kvorumStopped = { reason, show, offer, fragment };
})();
