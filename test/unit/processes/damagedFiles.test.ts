import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { trialDecode } from "../../../src/core/images/index.ts";
import { FUZZED, fuzzFiles } from "../../fixtures/fuzzedFiles.ts";
import { slowDrawing } from "../../fixtures/slowDrawing.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-fuzz-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** What is made anew for each file, and a table that is endless until its reader is ended, take longer. */
const FEWER: Readonly<Record<string, number>> = { parquet: 20, index: 12, segments: 8 };

// npm run soak -- files damages 5,000 of each.
test.each(FUZZED)(
  "damaged files (%s): none ends the process, all else has a reason in plain words",
  async (format) => {
    const { faults } = await fuzzFiles(root, format, FEWER[format] ?? 50, 2);
    expect(faults).toEqual([]);
  },
  120_000,
);

test("a trial says which files end the process that decodes them, and goes on with the next", async () => {
  const good = join(root, "good.png");
  await sharp({ create: { width: 5, height: 5, channels: 3, background: "#123" } })
    .png()
    .toFile(good);
  const broken = join(root, "broken.png");
  writeFileSync(broken, "no image");
  const endless = join(root, "endless.svg");
  writeFileSync(endless, slowDrawing(20_000));
  const ends = await trialDecode([good, endless, broken, good], { width: 512, height: 512 }, 3000);
  expect(ends).toEqual([null, "it does not come to an end", null, null]);
});
