// node wasm/run.mjs <case> <impl> <n> [repeats=5]
// Same output as the native binary: case,impl,n,metric,value (median), impl suffixed "@wasm".
import { readFileSync } from "node:fs";
const IMPLS = ["floor", "floor-batch", "raft-rs", "raft-rs-batch", "raft-rs-lazy", "omnipaxos", "omnipaxos-batch", "kvorum", "kvorum-batch", "kvorum-quiet"];
const [kase, impl, nArg, reps = "5"] = process.argv.slice(2);
const path = new URL("../target/wasm32-unknown-unknown/release/peers.wasm", import.meta.url);
const module = new WebAssembly.Module(readFileSync(path));
const all = [];
let names = [];
// CPU time of the process; the first repeat only warms the engine's compiler and is dropped.
const now_ms = process.env.WALL ? () => performance.now() : () => { const u = process.cpuUsage(); return (u.user + u.system) / 1000; };
for (let r = -1; r < Number(reps); r++) {
  const { exports: x } = new WebAssembly.Instance(module, { env: { now_ms } });
  const bytes = new TextEncoder().encode(kase);
  new Uint8Array(x.memory.buffer).set(bytes, x.name_ptr());
  const k = x.run(bytes.length, IMPLS.indexOf(impl), Number(nArg));
  if (k < 0) { console.error("no such case"); process.exit(2); }
  const rows = [];
  names = [];
  for (let i = 0; i < k; i++) {
    names.push(new TextDecoder().decode(new Uint8Array(x.memory.buffer, x.row_name_ptr(i), x.row_name_len(i))));
    rows.push(x.row_value(i));
  }
  if (r >= 0) all.push(rows);
}
const median = (v) => v.sort((a, b) => a - b)[v.length >> 1];
names.forEach((m, i) => {
  const v = all.map((r) => r[i]);
  const rate = m.endsWith("_per_s") || m.endsWith("_wall_s");
  console.log(`${kase},${impl}@wasm,${nArg},${m},${fmt(median(v))}` );
  if (rate) {
    console.log(`${kase},${impl}@wasm,${nArg},${m}.min,${fmt(Math.min(...v))}`);
    console.log(`${kase},${impl}@wasm,${nArg},${m}.max,${fmt(Math.max(...v))}`);
  }
});
function fmt(v) { return Number.isInteger(v) || Math.abs(v) >= 1000 ? v.toFixed(0) : v.toFixed(3); }
