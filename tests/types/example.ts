// The JavaScript API as a typed script uses it. Nothing runs here: `cargo xtask test` has the compiler
// check it, and where an error is expected, that there is one.

import {
  Kvorum,
  KvorumError,
  ready,
  shrink,
  sweep,
  type Action,
  type ClusterView,
  type Settings,
} from "../../www/kvorum-api.js";

await ready;

const settings: Settings = {
  timing: { heartbeat: 40_000 },
  rules: { off: ["pre-vote"] },
  chaos: { crash: 20_000 },
  start: [{ term: 2, log: [1, 2] }],
};
const run = new Kvorum({ scenario: "lab", seed: "7", settings });
const ms: number = run.run(1000) + run.seek(500) + run.now;
const seed: string = run.seed + run.hash();

const actions: Action[] = [
  { action: "request", operation: { op: "put", key: "y", value: "7" } },
  { action: "request", operation: { op: "get", key: "y", level: "lease" }, to: 2, attempts: 1 },
  { action: "partition", groups: [[1, 2, "c1"], [3, "operator"]] },
  { action: "set_link", from: 1, to: "c2", link: { loss: 500_000 } },
  { action: "change_members", voters: [1, 2, 3] },
  { action: "heal" },
];
for (const action of actions) {
  const branch: number | undefined = run.act(action);
  if (branch !== undefined) run.switchTo(branch);
}

const view: ClusterView = run.view();
for (const node of view.nodes) {
  if (node.power === "crashed" || node.role !== "leader") continue;
  const last = node.log.entries.at(-1)?.operation?.operation;
  if (last?.op === "put") console.log(last.value.length, node.timer?.due, node.map[0]?.key);
}
for (const message of view.messages) {
  if (message.kind.type === "heartbeat") console.log(message.kind.leader_commit, message.due);
}
for (const client of view.clients) {
  for (const operation of client.operations) {
    if ("failure" in operation && operation.failure === "indefinite") console.log(operation.why);
    if (operation.outcome?.outcome === "found") console.log(operation.outcome.value ?? "absent");
  }
}
for (const event of run.events(0)) {
  for (const word of event.words) {
    if (word.word === "node") console.log(word.id, word.leader, event.sentence, event.cause ?? 0);
  }
  if (event.mark) console.log(run.why(event.seq).length, event.glyph === "crown");
}
for (const why of run.whyNothingMoves()) {
  if (why.reason === "quorum_lost") console.log(why.sentence, why.able.length, why.unable[0]?.[1]);
}
for (const { at, processed, action } of run.journal()) {
  if (action.action === "crash") console.log(at, processed, action.node);
}

const swept = sweep({ profile: "calm", nodes: 3, storm: 5_000 }, "0", 10);
for (const { seed, name } of swept.failures) {
  const recording = shrink(undefined, seed, 100);
  console.log(name, recording?.journal?.[0]?.do.action, swept.coverage.crashes);
}

try {
  run.undo();
  run.free();
} catch (error) {
  if (error instanceof KvorumError) console.log(error.field, error.message);
}

// @ts-expect-error: a seed is a string
new Kvorum({ seed: 7 });
// @ts-expect-error: there is no such setting
new Kvorum({ settings: { link: { latency: 1 } } });
// @ts-expect-error: there is no such rule
new Kvorum({ settings: { rules: { off: ["no-op"] } } });
// @ts-expect-error: whom?
run.act({ action: "crash" });
// @ts-expect-error: there is no such action
run.act({ action: "crush", node: 1 });
// @ts-expect-error: not an address
run.act({ action: "cut", from: 1, to: "d1" });
// @ts-expect-error: an operation puts a value
run.act({ action: "request", operation: { op: "put", key: "y" } });
// @ts-expect-error: one of up, paused, crashed
if (view.nodes[0]?.power === "down") console.log(ms, seed);
// @ts-expect-error: the time of an event is a number
run.events(0)[0]?.at.length;
// @ts-expect-error: a number of milliseconds
run.run("1000");
