/** `npm run bench -- <name> [arguments]`: measures instead of testing; each bench is a script in test/bench. */
import { runNamed } from "./lib/named.ts";

runNamed("bench", {
  clicks: "test/bench/clicks.ts",
  duplicates: "test/bench/duplicates.ts",
  evaluate: "test/bench/evaluate.ts",
  first: "test/bench/first.ts",
  index: "test/bench/index.ts",
  memory: "test/bench/memory.ts",
  model: "test/bench/model.ts",
  plot: "test/bench/plot.ts",
  postgres: "test/bench/postgres.ts",
  project: "test/bench/project.ts",
  recall: "test/bench/recall.ts",
  search: "test/bench/search.ts",
  second: "test/bench/second.ts",
  small: "test/bench/smallFolders.ts",
  text: "test/bench/text.ts",
  "train-quality": "test/bench/trainQuality.ts",
  train: "test/bench/train.ts",
});
