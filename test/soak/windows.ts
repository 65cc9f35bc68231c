/**
 * Two engines, as two windows have them, on one index while files come and go: nothing lost, nothing doubled, memory flat.
 * `npm run soak -- windows [--minutes 120] [--pause 0] [--seed 1]`; the pause, in milliseconds, leaves the machine to others.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startEngine } from "../fixtures/engineProcess.ts";
import { tinyModel } from "../fixtures/tinyModel.ts";
import { useTwoWindows, type WindowsReport } from "../fixtures/twoWindows.ts";

const { minutes, pause, seed } = parseArgs({
  options: {
    minutes: { type: "string", default: "120" },
    pause: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
  },
}).values;
const root = mkdtempSync(join(tmpdir(), "lookalike-windows-"));
const folder = join(root, "images");
mkdirSync(folder);
const model = join(root, "tiny.onnx");
writeFileSync(model, tinyModel("tiny", "SMG"));
const engines = [1, 2].map(() => startEngine(model, join(root, "data"), { measured: true }));
const start = performance.now();

function line({ rounds, changes, answers, gone, readings }: WindowsReport): string {
  const took = readings.map((each) => {
    const { memory, held, descriptors, threads } = each.at(-1)!;
    return `${(memory / 1e6).toFixed(0)} MB (${(held / 1e6).toFixed(0)} held), ${descriptors} descriptors, ${threads} threads`;
  });
  const passed = ((performance.now() - start) / 60_000).toFixed(1);
  return `${passed} min, ${rounds} rounds, ${changes} changes of files, ${answers} answers, ${gone} to what was gone; ${took.join("; ")}`;
}

try {
  const report = await useTwoWindows(
    engines,
    { folder, location: join(root, "indexes"), device: "cpu" },
    {
      until: start + 60_000 * Number(minutes),
      pause: Number(pause),
      seed: Number(seed),
      say: (so) => {
        if (so.rounds <= 2 || so.rounds % 10 === 0) console.log(line(so));
      },
    },
  );
  console.log(line(report));
  if (report.faults.length === 0) console.log("nothing lost, nothing doubled; memory, descriptors and threads flat");
  for (const fault of report.faults) console.log(`not as it should be: ${fault}`);
  process.exitCode = report.faults.length === 0 ? 0 : 1;
} finally {
  for (const engine of engines) engine.kill();
  rmSync(root, { recursive: true, force: true });
}
