/**
 * Random messages to an engine, from a seed: it lives, and each request has one answer of a declared kind.
 * `npm run soak -- messages [--count N] [--seed N]`, 10,000 where absent.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fuzzEngine } from "../fixtures/engineFuzz.ts";
import { startEngine } from "../fixtures/engineProcess.ts";
import { makeFuzzFolder } from "../fixtures/fuzzFolder.ts";

const { count, seed } = parseArgs({
  options: { count: { type: "string", default: "10000" }, seed: { type: "string", default: "1" } },
}).values;
const root = await makeFuzzFolder();
const engine = startEngine(join(root, "tiny.onnx"), join(root, "data"));
try {
  const { messages, answers, refused, faults } = await fuzzEngine(engine, root, Number(count), Number(seed));
  console.log(`${messages} messages with seed ${seed}: ${answers} answers, ${refused} of them refusals`);
  for (const fault of new Set(faults)) console.log(`not as it should be: ${fault}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  engine.kill();
  rmSync(root, { recursive: true, force: true });
}
