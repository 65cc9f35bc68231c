/**
 * A trainer that learns nothing: it follows the contract of a run folder (src/shared/training.ts) and no more. It goes on
 * from its checkpoint;
 * with the model "crash" it dies after its third step.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const run = process.argv[2];
const file = (name) => join(run, name);
const { options } = JSON.parse(readFileSync(file("run.json"), "utf8"));
const emit = (event) => appendFileSync(file("events.jsonl"), `${JSON.stringify(event)}\n`);
// As a whole: whoever looks meanwhile sees the old one or the new one.
const sign = () => {
  writeFileSync(file("aside"), JSON.stringify({ pid: process.pid, time: Date.now() }));
  renameSync(file("aside"), file("trainer.json"));
};
const control = () => readFileSync(file("control"), "utf8").trim();

sign();
const recalls = (value) => ({ spoc: { "recall@1": value }, combined: { "recall@1": value } });
const resumed = existsSync(file("checkpoint.bin"));
let step = resumed ? Number(readFileSync(file("checkpoint.bin"), "utf8")) : 0;
if (resumed) emit({ type: "resumed" });
else emit({ type: "baseline", recalls: recalls(0.25) });
let paused = false;
for (;;) {
  sign();
  const word = control();
  if (word === "pause") {
    if (!paused) emit({ type: "paused" });
    paused = true;
    await sleep(10);
    continue;
  }
  if (paused) emit({ type: "resumed" });
  paused = false;
  if (step >= options.epochs || word === "stop") {
    const result = { baseline: recalls(0.25), trained: recalls(0.5), improved: true, model: file("model.onnx") };
    emit({ type: "done", result: { ...result, epochs: step, seconds: 1, stopped: word === "stop" } });
    rmSync(file("trainer.json"));
    break;
  }
  step++;
  const losses = { loss: 3 / step, rankingLoss: 1 / step, classificationLoss: 2 / step };
  emit({ type: "step", epoch: step, step, ...losses, active: 1 / step, p: { gem: 3 } });
  // One step behind, so that a step is told twice after a crash.
  if (step > 1) writeFileSync(file("checkpoint.bin"), String(step - 1));
  if (options.model === "crash" && step === 3 && !resumed) {
    // In the middle of a line, as a process dies.
    appendFileSync(file("events.jsonl"), '{"type":"step","epo');
    appendFileSync(file("events.jsonl"), "\n");
    process.exit(3);
  }
  await sleep(15);
}
