/** Disks that are full, or cannot be written. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isDiskFull } from "../../../src/core/files/index.ts";
import { lockRuns } from "../../../src/core/index/runLock.ts";
import { ModelShelf } from "../../../src/core/models/index.ts";
import { MeanColour, openStore, update } from "./support.ts";

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-disk-"));
  folder = join(root, "images");
  mkdirSync(folder);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Pictures of one colour each. */
async function draw(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const background = { r: i % 256, g: (i * 7) % 256, b: (i * 31) % 256 };
    const picture = sharp({ create: { width: 6, height: 4, channels: 3, background } });
    await picture.png().toFile(join(folder, `${String(i).padStart(4, "0")}.png`));
  }
}

/** A small file system of its own; undefined where none can be mounted. */
function mount(options: string): string | undefined {
  const place = join(root, "mounted");
  mkdirSync(place, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", place], { stdio: "pipe" });
    return place;
  } catch {
    return undefined;
  }
}

test("a full disk: a clear message, no crash, images untouched, and it goes on when there is space", async (context) => {
  const disk = mount("size=320k");
  if (disk === undefined) return context.skip("no file system can be mounted here (not root)");
  try {
    await draw(400);
    const before = statSync(join(folder, "0001.png")).mtimeMs;
    const store = openStore(join(disk, "abc.sqlite"));
    await expect(update(folder, store, new MeanColour())).rejects.toThrow(/the disk is full. Free some space/);
    const kept = (await store.images()).length;
    expect(kept).toBeLessThan(400);
    expect(await store.health()).toMatchObject({ rows: kept, orphans: 0, integrity: "ok" });
    execFileSync("mount", ["-o", "remount,size=16m", disk]);
    expect(await update(folder, store, new MeanColour())).toMatchObject({ indexed: 400 - kept, unchanged: kept });
    await store.close();
    expect(statSync(join(folder, "0001.png")).mtimeMs).toBe(before);
  } finally {
    execFileSync("umount", ["-l", disk]);
  }
});

test("a disk that is full before an index is opened is said to be full", async (context) => {
  const disk = mount("size=64k");
  if (disk === undefined) return context.skip("no file system can be mounted here (not root)");
  try {
    writeFileSync(join(disk, "filler"), Buffer.alloc(60 << 10));
    try {
      writeFileSync(join(disk, "more"), Buffer.alloc(8 << 10));
    } catch {
      // Full to the last byte.
    }
    for (const path of [join(disk, "abc.sqlite"), join(disk, "new", "abc.sqlite")]) {
      expect(() => openStore(path)).toThrow(/the disk is full. Free some space/);
    }
    // SQLite calls it that where it found no room for its log: the disk knows better.
    const odd = Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR_SHMSIZE" });
    expect([disk, root].map((place) => isDiskFull(join(place, "abc.sqlite"), odd))).toEqual([true, false]);
    expect(isDiskFull(join(disk, "abc.sqlite"), new Error("something else"))).toBe(false);
    const shelf = new ModelShelf("built-in.onnx", join(disk, "models"));
    await expect(shelf.remove("mine")).rejects.toThrow(/models cannot be changed: the disk is full/);
  } finally {
    execFileSync("umount", ["-l", disk]);
  }
});

test("a folder of indexes that cannot be written: a clear message", async (context) => {
  const disk = mount("size=4m");
  if (disk === undefined) return context.skip("no file system can be mounted here (not root)");
  try {
    const place = join(disk, "abc.sqlite");
    const store = openStore(place);
    await draw(3);
    await update(folder, store, new MeanColour());
    await store.close();
    const before = readFileSync(place);
    execFileSync("mount", ["-o", "remount,ro", disk], { stdio: "pipe" });
    for (const path of [place, join(disk, "other", "abc.sqlite")]) {
      expect(() => openStore(path)).toThrow(/cannot be opened.*choose another place/s);
    }
    await expect(lockRuns(disk, {})).rejects.toThrow(/cannot be opened.*choose another place/s);
    expect(readFileSync(place).equals(before)).toBe(true);
  } finally {
    execFileSync("umount", ["-l", disk]);
  }
  expect(existsSync(join(folder, "0000.png"))).toBe(true);
});
