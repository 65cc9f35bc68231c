import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { CopyFinder } from "../../../src/core/curation/index.ts";
import { ALIKE_KINDS } from "../../fixtures/alikeKinds.ts";

const folder = mkdtempSync(join(tmpdir(), "lookalike-copies-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("thirty-six copies are one group, and what looks like them is not in it", async () => {
  const drawn = (n: number) =>
    sharp(Buffer.from(ALIKE_KINDS["numeral"]!(n)))
      .png()
      .toBuffer();
  const [one, other] = [await drawn(1), await drawn(2)];
  const files: string[] = [];
  for (let i = 0; i < 18; i++) {
    files.push(join(folder, `large-${i}.jpg`), join(folder, `small-${i}.jpg`));
    await sharp(one)
      .resize(240)
      .jpeg({ quality: 80 + i })
      .toFile(files.at(-2)!);
    await sharp(one)
      .resize(120)
      .jpeg({ quality: 40 + i })
      .toFile(files.at(-1)!);
  }
  files.push(join(folder, "other.png"));
  await sharp(other).toFile(files.at(-1)!);
  const finder = new CopyFinder();
  const { groups, skipped } = await finder.find(files);
  expect(skipped).toBe(0);
  expect(groups).toEqual([Array.from({ length: 36 }, (_, i) => i)]);
});
