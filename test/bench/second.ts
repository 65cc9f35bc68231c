/**
 * `npm run bench -- second [--rounds=15]`: CPU time of the default model alone, joined by the second network, and by branches without a
 * network, in both forms, in turn on one thread. The exit code is 1 above the ceiling, or where the files of both are larger than they may be.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { InferenceSession, Tensor } from "onnxruntime-node";
import {
  ensureDefaultInt8,
  ensureDefaultModel,
  ensureSecondInt8,
  ensureSecondModel,
} from "../../scripts/buildModel.ts";
import { buildHandcrafted, HANDCRAFTED_BRANCHES, joinModels, readManifest } from "../../src/core/model/index.ts";
import { type Contender, interleave } from "./measure.ts";

const BATCH = 8;
/** CPU time of both in int8, as a multiple of the first alone. */
const CEILING = 1.55;
/** Of all files together, in bytes. */
const MOST_BYTES = 12e6;

const { values: flags } = parseArgs({ options: { rounds: { type: "string", default: "15" } } });
const forms = [
  ["int8", await ensureDefaultInt8(), await ensureSecondInt8()],
  ["float", ensureDefaultModel(), ensureSecondModel()],
] as const;
let bytes = 0;
let ratio = 0;
for (const [form, first, second] of forms) {
  const files = [readFileSync(first), readFileSync(second)] as const;
  bytes += files[0].length + files[1].length;
  const { input } = readManifest(files[0], first);
  const { width, height } = input;
  const crafted = (names: readonly string[]) =>
    joinModels(files[0], buildHandcrafted(names, input), [first, names.join("+")], "handcrafted");
  const pixels = Uint8Array.from({ length: BATCH * width * height * 3 }, (_, i) => (i * 31 + (i >> 9) * 7) % 256);
  const contenders: Contender[] = [];
  for (const [name, model] of [
    ["alone", files[0]],
    ["with the second", joinModels(...files, [first, second])],
    ...HANDCRAFTED_BRANCHES.map((name) => [`with ${name}`, crafted([name])] as const),
  ] as const) {
    const session = await InferenceSession.create(model, {
      executionProviders: ["cpu"],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
    });
    const image = new Tensor("uint8", pixels, [BATCH, height, width, 3]);
    contenders.push({ name, flops: BATCH, images: BATCH, run: () => session.run({ image }) });
  }
  const speeds = await interleave(contenders, Number(flags.rounds));
  const times = 1 / speeds[1]!.ratio;
  if (form === "int8") ratio = times;
  const each = speeds.map(({ name, imagesPerCpuSecond }) => `${name} ${(1000 / imagesPerCpuSecond).toFixed(2)} ms`);
  console.log(`${form}: CPU time of an image ${each.join(", ")}: ${times.toFixed(2)} x`);
}
console.log(`all four files: ${(bytes / 1e6).toFixed(1)} MB (at most ${MOST_BYTES / 1e6})`);
if (ratio > CEILING) console.error(`int8 takes ${ratio.toFixed(2)} x, more than ${CEILING}.`);
if (ratio > CEILING || bytes > MOST_BYTES) process.exitCode = 1;
