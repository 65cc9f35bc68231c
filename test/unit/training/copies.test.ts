import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Looks } from "../../../src/core/curation/index.ts";
import {
  type Appearance,
  appearanceDistance,
  appearanceOf,
  appearanceOfPixels,
  decodeForModel,
} from "../../../src/core/images/index.ts";
import { runTraining } from "../../../src/core/training/index.ts";
import { type InputSpec, TRAINING_DEFAULTS, type TrainingOptions } from "../../../src/shared/index.ts";
import { ensureEmoji } from "../../fixtures/emoji.ts";
import { writeConvModel } from "../../fixtures/trainableModels.ts";

const INPUT: InputSpec = { width: 224, height: 224, resize: "squash", background: [255, 255, 255] };

let root: string;
let drawings: { readonly file: string; readonly label: string }[];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-copies-"));
  const { folder, images } = await ensureEmoji({ classes: 12 });
  drawings = images.map(({ path, label }) => ({ file: join(folder, path), label }));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const seen = async (file: string, input = INPUT) =>
  appearanceOfPixels((await decodeForModel(file, input)).pixels, input.width, input.height);

/** Half the size, as a JPEG of quality 60. */
async function copyOf(file: string, target: string): Promise<void> {
  const { data, info } = await sharp(file).flatten({ background: "#fff" }).toBuffer({ resolveWithObject: true });
  await sharp(data)
    .resize(Math.round(info.width / 2))
    .jpeg({ quality: 60 })
    .toFile(target);
}

/** Means of the red, green and blue of 8 x 8 areas of 4 x 4 places. */
function areas({ colours }: Appearance): number[] {
  return Array.from({ length: 8 * 8 * 3 }, (_, i) => {
    const [area, c] = [Math.floor(i / 3), i % 3];
    const [x, y] = [(area % 8) * 4, Math.floor(area / 8) * 4];
    let sum = 0;
    for (let k = 0; k < 16; k++) sum += colours[((y + (k >> 2)) * 32 + x + (k & 3)) * 3 + c]!;
    return sum / 16;
  });
}

test("pixels of a model's input look as the file does, within what is allowed for", async () => {
  let [worst, most] = [0, 0];
  for (const { file } of drawings) {
    const [ofPixels, ofFile] = [await seen(file), await appearanceOf(file)];
    const { bits } = appearanceDistance(ofPixels, ofFile);
    worst = Math.max(worst, bits);
    for (const [i, mean] of areas(ofPixels).entries()) {
      most = Math.max(most, Math.abs(mean - areas(ofFile)[i]!));
    }
  }
  console.log(`pixels and files differ by at most ${worst} bits and ${most} of 255 in an area`);
  expect(worst).toBeLessThanOrEqual(4);
  expect(most).toBeLessThanOrEqual(16);
});

test("looks find every coarse copy, hardly anything else, and are the same after they were kept", async () => {
  const [looks, copies] = [new Looks(drawings.length), new Looks(drawings.length)];
  for (const [i, { file }] of drawings.entries()) {
    looks.set(i, await seen(file));
    const copy = join(root, "copy.jpg");
    await copyOf(file, copy);
    // Of another input size, as in a training end to end on a smaller one.
    copies.set(i, await seen(copy, { ...INPUT, width: 96, height: 96 }));
  }
  const kept = Looks.fromText(looks.toText());
  expect(kept.count).toBe(drawings.length);
  let others = 0;
  for (const i of drawings.keys()) {
    const found = looks.alike(copies, i, 99);
    expect(kept.alike(copies, i, 99)).toEqual(found);
    expect(found, drawings[i]!.file).toContain(i);
    others += found.length - 1;
  }
  console.log(`${others} other pairs of ${drawings.length * (drawings.length - 1)} are looked at`);
  expect(others).toBeLessThan(drawings.length / 2);
  expect(looks.first(3).alike(copies, 1, 99)).toContain(1);
  expect(looks.first(1).alike(copies, 1, 99)).not.toContain(1);
});

test.each(["head", "full"] as const)("%s: copies across the split are named, each once", async (mode) => {
  const folder = join(root, mode);
  const labels = [...new Set(drawings.map(({ label }) => label))];
  const rows = ["path,label,split"];
  const add = (name: string, label: string, split: string) => rows.push(`${name},${label},${split}`);
  mkdirSync(folder);
  for (const [i, { file, label }] of drawings.entries()) {
    const name = `${i}.${file.split(".").at(-1)}`;
    copyFileSync(file, join(folder, name));
    add(name, label, labels.indexOf(label) < 6 ? "train" : "test");
  }
  const held = drawings.findIndex(({ label }) => label === labels[8]);
  await copyOf(drawings[held]!.file, join(folder, "small.jpg"));
  add("small.jpg", labels[0]!, "train");
  const other = drawings.findIndex(({ label }) => label === labels[9]);
  copyFileSync(drawings[other]!.file, join(folder, `same.${drawings[other]!.file.split(".").at(-1)}`));
  add(`same.${drawings[other]!.file.split(".").at(-1)}`, labels[1]!, "train");
  writeFileSync(join(folder, "labels.csv"), rows.join("\n"));

  const options: TrainingOptions = {
    ...TRAINING_DEFAULTS,
    ...{ folder, labels: join(folder, "labels.csv"), mode, epochs: 1, classesPerBatch: 3, device: "cpu" },
    ...(mode === "full" ? { inputSize: 48 } : {}),
  };
  const told: string[] = [];
  await runTraining(options, join(root, `${mode} run`), {
    name: "mine",
    model: async () => writeConvModel(join(root, "conv.onnx")),
    onEvent(event) {
      if (event.type === "warning") told.push(event.message);
      if (event.type === "data") told.push(...event.data.warnings);
    },
  });
  const name = (i: number) => `${i}.${drawings[i]!.file.split(".").at(-1)}`;
  const near = told.filter((text) => text.includes("another size, format or quality"));
  expect(near).toHaveLength(1);
  expect(near[0]).toContain(`: ${name(held)} (small.jpg).`);
  // Byte by byte it is told of once, as before.
  expect(told.filter((text) => text.includes("file by file"))[0]).toContain(name(other));
  expect(near[0]).not.toContain(`same.`);
});
