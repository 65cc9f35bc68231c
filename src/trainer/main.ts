/**
 * The trainer: a process of its own for one training or ablation, given its run folder. It outlives the window that started it,
 * unless that gave it a pipe to end with; who watches reads the folder's files. Bundled to dist/trainer/main.mjs.
 */
import { fileURLToPath } from "node:url";
import { ablationRun, endWithParent, ModelShelf, PreparedElsewhere, readRunInfo, runTraining } from "../core/index.ts";
import { visibleLines } from "../shared/index.ts";

const BUILT_IN = fileURLToPath(new URL("../models/mobilenetv2-smg.onnx", import.meta.url));
const TORCH_TRAINER = fileURLToPath(new URL("../../trainer/train.py", import.meta.url));

const runFolder = process.argv[2];
if (runFolder === undefined) {
  console.error("usage: node main.mjs <run folder>");
  process.exit(2);
}
// The terminal or window that it was started from may go; Ctrl-C there is not meant for it.
for (const signal of ["SIGHUP", "SIGINT"] as const) process.on(signal, () => {});
const abort = new AbortController();
process.on("SIGTERM", () => abort.abort());
// A step of a large network takes seconds, and a checkpoint of it some more.
endWithParent(() => abort.abort(), 20_000);
try {
  const info = await readRunInfo(runFolder);
  const { options, name, inUse, elsewhere, ablation } = info;
  const shelf = new ModelShelf(BUILT_IN);
  const parts = { model: () => shelf.find(options.model ?? "default"), signal: abort.signal };
  const torch = { script: TORCH_TRAINER, elsewhere };
  if (ablation === undefined) await runTraining(options, runFolder, { ...parts, name, inUse, torch });
  else await ablationRun({ ...info, ablation }, runFolder, parts);
} catch (error) {
  // Prepared for another machine it has done what it was started for.
  if (!(error instanceof PreparedElsewhere)) {
    console.error(visibleLines(error instanceof Error ? error.message : String(error)));
    process.exitCode = 1;
  }
}
