/** What a training makes of its data and options. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readManifest } from "../../../src/core/model/index.ts";
import { COMBINED } from "../../../src/shared/index.ts";
import { drawClasses } from "./drawClasses.ts";
import { combined, OPTIONS, recallOf, watchedRuns } from "./runWatched.ts";

const { root, folder, start } = watchedRuns();

test("images that cannot be decoded are named and left out", async () => {
  const damaged = join(root, "damaged");
  await drawClasses(damaged, 6, 3);
  for (let c = 0; c < 6; c++) writeFileSync(join(damaged, `class ${c}`, "broken.png"), "no image");
  const { result, events } = start({ folder: damaged, epochs: 1 });
  await result;
  const warnings = events.flatMap((event) => (event.type === "warning" ? [event.message] : []));
  // Of so few images no model is adapted either.
  expect(warnings.filter((warning) => warning.startsWith("No model without labels"))).toHaveLength(1);
  const left = warnings.filter((warning) => warning.includes("cannot be decoded"));
  expect(left).toHaveLength(2);
  for (const warning of left) expect(warning).toMatch(/cannot be decoded, left out: 3: class \d\/broken.png \(/);
  // Nine images to test on: none of them says anything.
  const { trained, improved, note, model: file } = await result;
  expect(trained[COMBINED]).toEqual({ "recall@1": null });
  expect([improved, note]).toEqual([false, expect.stringMatching(/^no figure: 9 queries/)]);
  expect(readManifest(readFileSync(file), file).training).not.toHaveProperty("scores");
});

test("without labels: the adapted model, with what it finds", async () => {
  const { result, events } = start({ mode: "whiten" });
  const { trained, model: file, adapted, epochs } = await result;
  expect(combined(trained)).toBeCloseTo(await recallOf(file, { ...OPTIONS, folder }), 6);
  expect([adapted, epochs]).toEqual([undefined, 0]);
  expect(readManifest(readFileSync(file), file).training).toMatchObject({
    method: "adapted without labels: view whitening",
    losses: [],
  });
  const shown = events.flatMap((event) => (event.type === "examples" ? event.examples : []));
  expect(shown).toHaveLength(6);
  expect(shown.some(({ before, now }) => JSON.stringify(before) !== JSON.stringify(now))).toBe(true);
  expect(events.at(-1)?.type).toBe("done");
});

test("descriptors are chosen and put in order; what the model does not have is refused", async () => {
  const { trained, model: file } = await start({ descriptors: "M", epochs: 1 }).result;
  expect(Object.keys(trained)).toEqual(["mac", "combined"]);
  expect(trained["mac"]).toEqual(trained[COMBINED]);
  expect(readManifest(readFileSync(file), file).descriptors.map(({ kind }) => kind)).toEqual(["MAC"]);
  const swapped = await start({ descriptors: "MS", epochs: 1 }, () => {}, join(root, "swapped")).result;
  expect(Object.keys(swapped.trained)).toEqual(["mac", "spoc", "combined"]);
  expect(combined(swapped.trained)).toBeCloseTo(await recallOf(swapped.model, { ...OPTIONS, folder }), 6);
  await expect(start({ descriptors: "SG" }).result).rejects.toThrow("no GeM branch");
});

test("a learning rate that blows up ends with the best so far, and says why", async () => {
  const { result, events } = start({ learningRate: 1e30, epochs: 400 });
  const { stopped, trained, model: file } = await result;
  expect(stopped).toBe(true);
  const told = events.flatMap((event) => (event.type === "warning" ? [event.message] : [])).join();
  expect(told).toMatch(/no longer a number|grows instead of falling|no direction|collapsed/);
  expect(told).toContain("the best so far is kept");
  expect(combined(trained)).toBeCloseTo(await recallOf(file, { ...OPTIONS, folder }), 6);
});
