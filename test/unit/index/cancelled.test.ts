/** A run that is cancelled ends at once, also while a picture is decoded that would take for ever. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { limitDecoding } from "../../../src/core/images/index.ts";
import { slowDrawing } from "../../fixtures/slowDrawing.ts";
import { MeanColour, openStore, update } from "./support.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-cancelled-"));
});
afterEach(() => {
  limitDecoding(10);
  rmSync(root, { recursive: true, force: true });
});

/** Decoders that this process has started. */
function decoders(): string[] {
  const list = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" }).trim().split("\n");
  return list.filter((line) => line.includes("decoderChild") && Number(line.trim().split(/\s+/)[1]) === process.pid);
}

test.skipIf(process.platform === "win32").each([
  ["beside others", 3600],
  // It ran out of time, and is tried once more, alone: six times as long by the clock, and that is ended.
  ["alone", 2],
])("while it is decoded %s (its process is seen by ps)", async (how, seconds) => {
  limitDecoding(seconds);
  const folder = join(root, "images");
  mkdirSync(folder);
  writeFileSync(join(folder, "a.svg"), slowDrawing(400_000));
  const store = openStore(join(root, "index", "abc.sqlite"));
  const abort = new AbortController();
  const run = update(folder, store, new MeanColour(), { signal: abort.signal });
  const ended = run.then(
    () => "done",
    (error: Error) => error.message,
  );
  await expect.poll(decoders, { timeout: 30_000 }).toHaveLength(1);
  if (how === "alone") await sleep(3_000);
  abort.abort(new Error("nobody waits any more"));
  expect(await ended).toBe("nobody waits any more");
  if (how === "alone") await expect.poll(decoders, { timeout: 30_000 }).toHaveLength(0);
  // Nothing was decided of the picture, and the next run is not held up.
  expect(await store.count()).toBe(0);
  rmSync(join(folder, "a.svg"));
  await sharp({ create: { width: 9, height: 9, channels: 3, background: "#c22" } })
    .png()
    .toFile(join(folder, "b.png"));
  limitDecoding(10);
  expect(await update(folder, store, new MeanColour())).toMatchObject({ indexed: 1, skipped: [] });
});
