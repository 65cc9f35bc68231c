/** `npm run bench -- <name> [arguments]`: measures instead of testing; each bench is a script in test/bench. */
import { runTool } from "./lib/run.ts";

const BENCHES: Readonly<Record<string, string>> = {
  duplicates: "test/bench/duplicates.ts",
  index: "test/bench/index.ts",
  memory: "test/bench/memory.ts",
  model: "test/bench/model.ts",
  plot: "test/bench/plot.ts",
  project: "test/bench/project.ts",
  recall: "test/bench/recall.ts",
  search: "test/bench/search.ts",
  train: "test/bench/train.ts",
};

const [name, ...args] = process.argv.slice(2);
const script = name === undefined ? undefined : BENCHES[name];
if (script === undefined) {
  console.error(`usage: npm run bench -- <${Object.keys(BENCHES).join("|")}> [arguments]`);
  process.exitCode = 2;
} else if (!runTool(script, args)) {
  process.exitCode = 1;
}
