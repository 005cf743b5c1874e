// What the page says when its program can't start, and the run that it keeps.
//
// A plain script, because it has to work where modules and WebAssembly don't. The program hands
// over what is done to the run (`kvorumPage`, see src/web/page/black_box.rs), so that a link to it can
// be made when nothing of the program is left: stopped.js does that.
"use strict";
(() => {
  const page = document;
  const LATE = 20; // seconds until the page says that it isn't there yet
  const refused = [];
  const runs = []; // by the figure's number; 0 is the laboratory
  let program, late;
  let started = false, failed = false, stopped = false;

  // ───────── what is shown ─────────

  function element(tag, attributes, ...inside) {
    const made = page.createElement(tag);
    for (const name in attributes) made.setAttribute(name, attributes[name]);
    made.append(...inside);
    return made;
  }

  function button(text, act, main) {
    const made = element("button", { type: "button", class: main ? "kv-btn pri" : "kv-btn" }, text);
    made.addEventListener("click", () => act(made));
    return made;
  }

  const row = (...buttons) => element("div", { class: "kv-acts" }, ...buttons);

  // In the place of the page, before it is there.
  function say(title, texts, again) {
    const app = page.getElementById("app");
    if (!app || started) return;
    const card = element("div", { class: "kv-dialog", role: "alert" },
      element("img", { src: "icons/kvorum.svg", alt: "", width: "28", height: "28" }),
      element("h1", {}, title),
      ...texts.filter(Boolean).map((text) => element("p", {}, text)));
    if (again) card.append(row(button("Reload the page", () => location.reload(), true)));
    page.querySelector(".kv-newer")?.remove();
    app.replaceChildren(element("main", { class: "kv-boot" }, card));
  }

  // ───────── the program doesn't start ─────────

  async function fail(error) {
    if (started || failed) return;
    failed = true;
    clearTimeout(late);
    const unknown = () => ["A part of the page didn’t arrive, or can’t be used here.", error && String(error), true];
    const found = await tools().then((it) => it.reason(error, refused), unknown);
    const again = found[found.length - 1] === true;
    say("Kvorum can’t start", again ? found.slice(0, -1) : found, again);
  }

  // ───────── the program stops ─────────

  function memory() {
    const held = program?.memory;
    if (!held) return;
    const megabytes = Math.round(held.buffer.byteLength / 1048576);
    let full = megabytes > 2047;
    try {
      held.grow(16);
    } catch {
      full = true;
    }
    if (full) return `The run filled the page’s memory, ${megabytes} MB.`;
  }

  // ───────── what it takes then is another script, there as soon as the program is ─────────

  let rest;
  const tools = () => rest ??= new Promise((there, gone) => {
    const script = element("script", { src: "stopped.js" });
    script.addEventListener("load", () => { there(globalThis.kvorumStopped); clearTimeout(late); });
    const fails = () => { rest = undefined; gone(); };
    script.addEventListener("error", fails);
    const late = setTimeout(fails, 5000);
    page.head.append(script);
  });

  async function stop(what) {
    if (stopped) return;
    stopped = true;
    const full = memory();
    if (shared.replace) return shared.replace(what, full, () => { stopped = false; });
    setTimeout(() => program?.giveUp());
    page.getElementById("app")?.setAttribute("inert", "");
    try {
      await (await tools()).show(runs[0], what, full);
    } catch {
      page.body.append(element("div", { class: "kv-dialog kv-stopped", role: "alertdialog", lang: "en" },
        full ?? what, row(button("Reload the page", () => location.reload(), true))));
    }
  }

  // Something isn't there: perhaps because the site has a new version while this page is open.
  function missing() {
    if (!stopped) tools().then((it) => it.offer(runs[0]), () => {});
  }

  // A trap of WebAssembly, or a stack that it has used up.
  const fatal = (error) => typeof WebAssembly === "object" && (error instanceof WebAssembly.RuntimeError
    || (error instanceof RangeError || error?.name === "InternalError") && /wasm/.test(error.stack));

  // ───────── what the browser tells ─────────

  addEventListener("error", (event) => {
    const from = event.target;
    if (stopped && fatal(event.error) === false) event.preventDefault();
    else if (from instanceof HTMLScriptElement) fail(); // nothing, once the page stands
    else if (from instanceof HTMLLinkElement) missing();
    else if (fatal(event.error)) started ? stop(String(event.error)) : fail(event.error);
    else if (!started && event.message) fail(event.message);
  }, true);
  addEventListener("unhandledrejection", ({ reason: error }) => {
    if (fatal(error)) started ? stop(String(error)) : fail(error);
  });
  // A style sheet may have failed before this script was there: it has no rules then.
  addEventListener("load", () => {
    const failed = ({ disabled, sheet }) => {
      try {
        return !disabled && !sheet?.cssRules.length;
      } catch {
        // Without an origin of its own the page may never look; else, at none that was refused.
        return self.origin !== "null";
      }
    };
    if ([...page.querySelectorAll("link[rel=stylesheet]")].some(failed)) missing();
  });
  page.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
    refused.push(`${effectiveDirective}: ${blockedURI}`);
  });
  for (const kind of ["keydown", "keyup", "pointerdown", "pointermove", "pointerup", "wheel", "hashchange", "resize"]) {
    addEventListener(kind, (event) => {
      // No event reaches a program that has stopped.
      if (stopped && !event.target.closest?.(".kv-stopped")) event.stopImmediatePropagation();
    }, true);
  }
  late = setTimeout(() => {
    say("Kvorum is not there yet", [`Its program hasn’t arrived within ${LATE} seconds: the connection is slow, or something on the way holds it back. It may still come.`], true);
  }, LATE * 1000);

  // ───────── the language ─────────

  // The files of each language, by its tag: of the first screen, and of the rest.
  const files = {};
  for (const of of page.querySelector("meta[name=kvorum-words]")?.content.split(",") ?? []) {
    const [tag, ...parts] = of.split(" ");
    files[tag] = parts;
  }

  // The language of ours that a reader of this one understands.
  const known = (tag) => /^zh(?!.*(hant|tw|hk|mo))/i.test(tag) ? "zh-Hans" : /^en/i.test(tag) ? "en" : undefined;

  function chosen() {
    const asked = new URLSearchParams(location.search).get("lang");
    if (files[asked]) return asked;
    try {
      const kept = localStorage.getItem("kvorum.lang");
      if (files[kept]) return kept;
    } catch {
      // The reader forbids it.
    }
    return navigator.languages?.map(known).find((tag) => files[tag]) ?? "en";
  }

  const language = chosen();

  // What a language says on the first screen (part 0), or after it.
  const coming = {};
  function words(tag, part) {
    const file = files[tag]?.[part];
    return coming[file] ??= fetch(file, { signal: AbortSignal.timeout(30000) })
      .then((answer) => answer.ok ? answer.text() : Promise.reject(`the server answers ${answer.status}`))
      .catch((error) => {
        delete coming[file];
        if (started) missing();
        throw `${file} can’t be loaded: ${error}. Reload the page to try again`;
      });
  }

  // The program asks again for what didn't come.
  const soon = (part) => files[language] && words(language, part).catch(() => {});
  soon(0);

  // ───────── what the program tells ─────────

  const shared = globalThis.kvorumPage = {
    element,
    button,
    row,
    missing,
    words,
    language: () => language,
    tools,
    failed: fail,
    stopped: stop,
    // Its module is there: the memory, and how to give it up.
    loaded(exports) {
      program = exports;
      shared.begin?.(program, runs);
    },
    // A run of a figure begins: its recording, whose journal may be yet to come.
    run(figure, recording) {
      runs[figure] = recording;
      if (started) return;
      started = true;
      clearTimeout(late);
      tools().catch(() => {});
      soon(1);
    },
    // What was done in the run, from that place on.
    journal(figure, from, entries) { runs[figure].journal.splice(from, Infinity, ...entries); },
    // Where its reader is.
    at(figure, playhead, hash) {
      runs[figure].playhead = playhead;
      runs[figure].hash = hash.toString(16).padStart(16, "0");
    },
  };
})();
