// Several figures in one document: each element with `data-kvorum`, which holds what the address of the
// laboratory would ask for, as in `data-kvorum="?scenario=replication&seed=42"`.
//
// A plain script, after start.js, on pages that don't have the laboratory. All figures share one
// instance of the program. When that stops, it is given up; the figure that stopped it says so, and
// all others are opened again, from what start.js keeps of their runs, in a fresh instance.
"use strict";
(() => {
  const page = document;
  const shared = globalThis.kvorumPage;
  const figures = []; // by their number, from 1: where they stand, what they show
  let program, runs, atWork;

  // Shows a figure: its run where it was, if it had one.
  function show(number) {
    const figure = figures[number], run = runs[number];
    const root = shared.element("div", { class: "kv" });
    figure.host.replaceChildren(root);
    figure.stopped = false;
    program.showFigure(root, number, figure.options, run && JSON.stringify(run));
  }

  // The program is there.
  shared.begin = (exports, kept) => {
    program = exports;
    runs = kept;
    for (const host of page.querySelectorAll("[data-kvorum]")) {
      const number = figures.length || 1;
      figures[number] = { host, options: host.dataset.kvorum };
      show(number);
    }
  };

  // Something is done for this figure from now on.
  shared.works = (figure) => { atWork = figure; };

  // The program has stopped, for this reason, or because its memory is full. Nothing may run in it any
  // more; there is a fresh one as soon as whatever else it throws has been thrown.
  shared.replace = (what, full, goOn) => {
    const failed = atWork;
    program.giveUp();
    if (figures[failed]) figures[failed].stopped = true;
    setTimeout(() => {
      atWork = 0;
      program.memory = program.renew().memory;
      goOn();
      figures.forEach(({ host, stopped }, number) => {
        if (!stopped) show(number);
        else if (number === failed) shared.tools().then((it) => it.show(runs[number], what, full, host, () => show(number)), () => host.replaceChildren(full ?? what));
      });
    }, 100);
  };
})();
