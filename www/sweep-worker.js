// A worker of the sweep panel: it runs the seeds that it is given, one order at a time.
import { ready, shrink, sweep } from "./kvorum-api.js";

onmessage = async ({ data: { plan, from, count, failing, tries } }) => {
  try {
    await ready;
    postMessage(failing === undefined
      ? sweep(plan, from, count)
      : { recording: JSON.stringify(shrink(plan, failing, tries)) });
  } catch (error) {
    postMessage({ error: error.message });
  }
};
