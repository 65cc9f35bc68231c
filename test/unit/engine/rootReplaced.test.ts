/** The folder of an index is taken away, made anew, replaced by a file, a link, nothing; the engine is stopped for a while; it goes on. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type EngineProcess, startEngine } from "../../fixtures/engineProcess.ts";
import { like } from "../../fixtures/like.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const IMAGES = 60;
let root: string;
let folder: string;
let engine: EngineProcess;

async function fill(place: string, shade: number, count = IMAGES): Promise<void> {
  mkdirSync(place);
  for (let i = 0; i < count; i++) {
    const background = { r: 4 * i, g: 250 - 4 * i, b: shade };
    await sharp({ create: { width: 9, height: 9, channels: 3, background } })
      .png()
      .toFile(join(place, `${i}.png`));
  }
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-replaced-"));
  folder = join(root, "images");
  await fill(folder, 10);
  writeFileSync(join(root, "model.onnx"), tinyModel("tiny", "SM"));
  engine = startEngine(join(root, "model.onnx"), join(root, "data"));
});
afterEach(() => {
  engine.kill();
  rmSync(root, { recursive: true, force: true });
});

const index = () => engine.ask("folder/index", { folder, device: "cpu" });
const search = () => engine.ask("image/similar", { folder, device: "cpu", ...like(join(folder, "1.png"), 5) });
const found = async () => (await search()).results["combined"]!.map(({ path }) => path);
const thumbnail = () =>
  engine.ask("image/thumbnail", { folder, image: join(folder, "2.png"), size: 64, device: "cpu" });
/** Each request ends, in words that are no program's. */
async function refused(says: RegExp): Promise<void> {
  await expect(index()).rejects.toThrow(says);
  for (const ask of [search, thumbnail]) {
    const message = await ask().then(
      () => "",
      (error: Error) => error.message,
    );
    expect(message).toMatch(/the file is gone|cannot be read/);
  }
}

test("a folder that is deleted, a file or a link in its place, nothing in it, and all of it anew", async () => {
  expect(await index()).toMatchObject({ indexed: IMAGES });
  const before = await found();
  renameSync(folder, join(root, "away"));
  await refused(/images is not a folder that can be read\. Choose a folder of images\./);
  writeFileSync(folder, "a file");
  await refused(/is not a folder that can be read/);
  rmSync(folder);
  mkdirSync(folder);
  await refused(/60 of the 60 indexed images of .* are gone at once\. Nothing was removed/);
  rmSync(folder, { recursive: true });
  // Few of its images lie where the link leads.
  await fill(join(root, "other"), 90, 5);
  symlinkSync(join(root, "other"), folder);
  await expect(index()).rejects.toThrow(/55 of the 60 indexed images/);
  rmSync(folder);
  renameSync(join(root, "away"), folder);
  expect(await index()).toMatchObject({ indexed: 0, removed: 0 });
  expect(await found()).toEqual(before);
  rmSync(folder, { recursive: true });
  await fill(folder, 200);
  expect(await index()).toMatchObject({ indexed: 0, updated: IMAGES, removed: 0 });
  expect((await search()).results["combined"]).toHaveLength(5);
  expect(await index()).toMatchObject({ updated: 0, unchanged: IMAGES });
}, 120_000);

test.skipIf(process.platform === "win32")(
  "an engine that is stopped for a while answers all that was asked meanwhile",
  async () => {
    await index();
    engine.child.kill("SIGSTOP");
    const asked = Promise.all([search(), index(), thumbnail(), search()]);
    let ended = false;
    void asked.then(() => {
      ended = true;
    });
    await sleep(1500);
    expect(ended).toBe(false);
    engine.child.kill("SIGCONT");
    expect((await asked)[1]).toMatchObject({ unchanged: IMAGES });
    expect(engine.child.exitCode).toBeNull();
  },
  60_000,
);

test("images become folders, pipes and links, grow and shrink while they are indexed: then it holds what is there", async () => {
  await index();
  let done = false;
  const change = async () => {
    for (let i = 0; !done; i = (i + 1) % IMAGES) {
      const file = join(folder, `${i}.png`);
      rmSync(file, { recursive: true, force: true });
      if (i % 5 === 0) mkdirSync(file);
      else if (i % 15 === 2 && process.platform !== "win32") execFileSync("mkfifo", [file]);
      else if (i % 5 === 1) symlinkSync(join(folder, `${(i + 2) % IMAGES}.png`), file);
      else if (i % 5 === 2) symlinkSync(join(root, "nowhere"), file);
      else if (i % 5 === 3) writeFileSync(file, Buffer.alloc(1 + 37 * i, i));
      else
        await sharp({ create: { width: 9 + i, height: 9, channels: 3, background: "#123" } })
          .png()
          .toFile(file);
      await sleep(1);
    }
  };
  const changing = change();
  for (let round = 0; round < 12; round++)
    await index().catch((error: Error) => expect(error.message).toContain("are gone at once"));
  done = true;
  await changing;
  rmSync(folder, { recursive: true });
  await fill(folder, 10);
  await index();
  expect(await index()).toMatchObject({ indexed: 0, updated: 0, removed: 0, unchanged: IMAGES, skipped: [] });
  expect(existsSync(folder)).toBe(true);
}, 120_000);
