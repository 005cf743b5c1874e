// Drives a cluster through the JavaScript API and writes down what happened.
import { Kvorum, ready } from "./kvorum-api.js";

const seconds = (microseconds) => `${(microseconds / 1e6).toFixed(3)} s`;

function run() {
  const run = new Kvorum({ scenario: "lab", seed: "7" });
  run.run(1000);
  run.act({ action: "request", operation: { op: "put", key: "y", value: "7" } });
  run.run(200);
  run.act({ action: "crash", node: run.view().leader });
  run.run(1000);
  return run;
}

function cell(text) {
  const cell = document.createElement("td");
  cell.textContent = text;
  return cell;
}

function row(node) {
  const row = document.createElement("tr");
  const y = node.map.find((pair) => pair.key === "y");
  const cells = [`S${node.id}`, node.power, node.role, node.term, node.log.last, node.commit_index];
  row.append(...[...cells, y ? y.value : ""].map(cell));
  return row;
}

function line(event) {
  const [line, time, sentence] = ["li", "time", "span"].map((tag) => document.createElement(tag));
  time.textContent = seconds(event.at);
  sentence.textContent = event.sentence;
  line.append(time, sentence);
  return line;
}

function show(id, ...content) {
  document.getElementById(id).replaceChildren(...content);
}

try {
  await ready;
  const first = run();
  show("nodes", ...first.view().nodes.map(row));
  show("events", ...first.events(0).filter((event) => event.key).map(line));
  show("hash", `${first.hash()} = ${run().hash()}`);
  try {
    first.act({ action: "crash", node: 77 });
  } catch (error) {
    show("error", error.message);
  }
  show("status", `Seed ${first.seed}, ${seconds(first.now * 1000)} of virtual time.`);
} catch (error) {
  show("status", `The engine could not run: ${error.message ?? error}`);
}
