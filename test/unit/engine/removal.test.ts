/** An index that is deleted while it is in use: who asked is answered, or told so in words for people. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_PROJECTION } from "../../../src/shared/index.ts";
import { drawNoise } from "../../fixtures/drawNoise.ts";
import { type EngineProcess, startEngine } from "../../fixtures/engineProcess.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

let root: string;
let engine: EngineProcess;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-removal-"));
  mkdirSync(join(root, "images"));
  for (let i = 0; i < 20; i++) await drawNoise(join(root, "images", `${i}.png`), i + 1);
  writeFileSync(join(root, "tiny.onnx"), tinyModel("tiny", "SMG"));
  engine = startEngine(join(root, "tiny.onnx"), join(root, "data"));
});
afterAll(() => {
  engine.kill();
  rmSync(root, { recursive: true, force: true });
});

test("requests under way while their index is deleted end in words, and the next ones work", async () => {
  const folder = join(root, "images");
  const place = { folder, location: join(root, "indexes"), device: "cpu" as const };
  const examples = [{ image: join(folder, "3.png"), sign: 1 as const }];
  for (let round = 0; round < 2; round++) {
    await engine.ask("folder/index", place);
    const asked = [
      engine.ask("image/similar", { ...place, examples, k: 5 }),
      engine.ask("folder/status", place),
      engine.ask("image/thumbnail", { ...place, image: join(folder, "4.png"), size: 32 }),
      engine.ask("folder/duplicates", place),
      engine.ask("folder/labels", place),
      engine.ask("projection/run", { ...place, run: round, parameters: DEFAULT_PROJECTION }),
      engine.ask("folder/index", place),
    ];
    const removed = engine.ask("index/remove", place);
    const after = [
      engine.ask("image/similar", { ...place, examples, k: 5 }),
      engine.ask("folder/duplicates", place),
      engine.ask("folder/status", place),
    ];
    for (const result of await Promise.allSettled([...asked, removed, ...after])) {
      if (result.status === "fulfilled") continue;
      expect(String(result.reason)).not.toMatch(
        /database connection|SQLITE|is not a function|Cannot read|ENOENT|undefined/,
      );
    }
  }
  await engine.ask("folder/index", place);
  expect(await engine.ask("folder/status", place)).toMatchObject({ indexed: 20 });
}, 120_000);
