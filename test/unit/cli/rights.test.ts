/** Folders that may not be read or written, by a user who is not root. */
import { execFile } from "node:child_process";
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { drawNoise } from "../../fixtures/drawNoise.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const CLI = resolve(import.meta.dirname, "../../../src/cli/main.ts");
/** Root may do everything, so it does this as another user. */
const OTHER = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
const WHY = process.platform === "win32" ? " (skipped on Windows, which has other rights)" : "";

let root: string;
const closed = () => join(root, "images", "closed");

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "lookalike-rights-"));
  for (let i = 0; i < 5; i++) await drawNoise(join(root, "images", i < 3 ? "open" : "closed", `${i}.png`), i + 1);
  writeFileSync(join(root, "tiny.onnx"), tinyModel("tiny"));
  for (const name of ["data", "tmp", "indexes"]) mkdirSync(join(root, name));
  own(root);
});
afterEach(() => {
  for (const name of [closed(), join(root, "images"), join(root, "indexes")]) chmodSync(name, 0o755);
  rmSync(root, { recursive: true, force: true });
});

function own(path: string): void {
  const { uid, gid } = OTHER as { uid?: number; gid?: number };
  if (uid === undefined || gid === undefined) return;
  chownSync(path, uid, gid);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) own(join(path, entry.name));
    else chownSync(join(path, entry.name), uid, gid);
  }
}

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function lookalike(...args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, HOME: root, XDG_DATA_HOME: join(root, "data"), TMPDIR: join(root, "tmp") };
  return new Promise((done) => {
    execFile(process.execPath, [CLI, ...args], { ...OTHER, env, cwd: root }, (error, out, err) =>
      done({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, out, err }),
    );
  });
}

const index = (place = join(root, "indexes")) =>
  lookalike(
    "index",
    join(root, "images"),
    "--index",
    place,
    "--model",
    join(root, "tiny.onnx"),
    "--device",
    "cpu",
    "--json",
  );

test.skipIf(WHY !== "")(
  `a folder that may not be read is named, and what was indexed of it stays${WHY}`,
  async () => {
    chmodSync(closed(), 0);
    const first = await index();
    expect(JSON.parse(first.out)).toMatchObject({ indexed: 3 });
    expect(first.out + first.err).toMatch(/closed.*permission/s);
    chmodSync(closed(), 0o755);
    expect(JSON.parse((await index()).out)).toMatchObject({ indexed: 2, unchanged: 3 });
    chmodSync(closed(), 0);
    expect(JSON.parse((await index()).out)).toMatchObject({ removed: 0 });
    chmodSync(closed(), 0o755);
    expect(JSON.parse((await index()).out)).toMatchObject({ indexed: 0, unchanged: 5 });
  },
  240_000,
);

test.skipIf(WHY !== "")(
  `a folder of images that may not be written is indexed, and nothing is written to it${WHY}`,
  async () => {
    for (const name of ["images/open", "images/closed", "images"]) chmodSync(join(root, name), 0o555);
    cpSync(join(root, "images"), join(root, "before"), { recursive: true });
    expect(JSON.parse((await index()).out)).toMatchObject({ indexed: 5, skipped: [] });
    expect(readdirSync(join(root, "images"), { recursive: true }).sort()).toEqual(
      readdirSync(join(root, "before"), { recursive: true }).sort(),
    );
    for (const name of ["images/open", "images/closed", "images"]) chmodSync(join(root, name), 0o755);
  },
);

test.skipIf(WHY !== "")(`a place for indexes that may not be written is named, with what to do${WHY}`, async () => {
  chmodSync(join(root, "indexes"), 0o555);
  const { code, err } = await index();
  expect(code).toBe(1);
  expect(err).toContain(join(root, "indexes"));
  expect(err).toMatch(/can be written, or choose another place/);
  expect(err).not.toMatch(/ {4}at |EACCES.*\n.*at /);
});
