/**
 * How long an engine takes to answer while it indexes the worst pictures that are known: thumbnails, the status and the list of
 * models are asked for all the time, then the run is cancelled.
 * `npm run soak -- answers [--seconds N]`, 120 where absent. Ends with 1 where one of 20 answers, or the cancel, takes more than a second.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { CancellationTokenSource } from "vscode-jsonrpc/node";
import { startEngine } from "../fixtures/engineProcess.ts";
import { makeFuzzFolder } from "../fixtures/fuzzFolder.ts";
import { writeWorstPictures } from "../fixtures/worstPictures.ts";

const { seconds } = parseArgs({ options: { seconds: { type: "string", default: "120" } } }).values;
const root = await makeFuzzFolder();
const folder = join(root, "images");
const worst = await writeWorstPictures(folder);
const engine = startEngine(join(root, "tiny.onnx"), join(root, "data"));
const place = { folder, location: join(root, "indexes"), device: "cpu" as const, adapt: false };
const taken = new Map<string, number[]>();

async function timed(what: string, work: Promise<unknown>): Promise<void> {
  const start = performance.now();
  await work;
  const all = taken.get(what) ?? [];
  taken.set(what, [...all, performance.now() - start]);
}

try {
  await engine.ask("folder/status", place);
  const cancel = new CancellationTokenSource();
  const start = performance.now();
  let state = "cancelled";
  const run = engine.connection.sendRequest("folder/index", place, cancel.token).then(
    () => {
      state = "finished";
    },
    () => {},
  );
  for (let i = 0; state === "cancelled" && performance.now() - start < 1000 * Number(seconds); i++) {
    const image = join(folder, `${i % 12}.png`);
    await Promise.all([
      // Another size each time: what is kept would be no work.
      timed("thumbnails", engine.ask("image/thumbnail", { ...place, image, size: 32 + (i % 200) })),
      timed("the status", engine.ask("folder/status", place)),
      timed("the list of models", engine.ask("models/list", {})),
    ]);
    await sleep(250);
  }
  const asked = performance.now();
  cancel.cancel();
  await run;
  const ended = performance.now() - asked;
  let slow = ended > 1000;
  console.log(`${worst} pictures; the run was ${state} after ${Math.round((asked - start) / 1000)} s`);
  if (state === "cancelled") console.log(`the cancel was answered after ${Math.round(ended)} ms`);
  for (const [what, all] of taken) {
    all.sort((a, b) => a - b);
    const at = (share: number) => Math.round(all[Math.min(all.length - 1, Math.floor(share * all.length))]!);
    console.log(`${what}: ${all.length}, median ${at(0.5)} ms, 95 of 100 within ${at(0.95)} ms, longest ${at(1)} ms`);
    slow ||= at(0.95) > 1000;
  }
  process.exitCode = slow ? 1 : 0;
} finally {
  engine.kill();
  rmSync(root, { recursive: true, force: true });
}
