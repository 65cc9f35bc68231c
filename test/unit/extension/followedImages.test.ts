import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { access } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FollowedImages } from "../../../src/extension/similar/followedImages.ts";

let root: string;
const asked: [string, string][] = [];
/** What the index knows: path by content. */
const index = new Map<string, string>();
const followed = () =>
  new FollowedImages(async (folder, hash) => {
    asked.push([folder, hash]);
    return index.get(hash);
  });
const sha = (content: string) => createHash("sha256").update(content).digest("hex");

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-followed-"));
  asked.length = 0;
  index.clear();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("an image that was renamed is found by its content; one that is there is not looked for", async () => {
  const [before, now, other] = ["a.png", "b.png", "c.png"].map((name) => join(root, name)) as [string, string, string];
  writeFileSync(before, "one");
  writeFileSync(other, "two");
  const images = followed();
  images.remember([before, other]);
  await images.look(root, [before, other]);
  expect(asked).toEqual([]);
  renameSync(before, now);
  index.set(sha("one"), now);
  expect(await images.look(root, [before, other])).toEqual({ moved: new Map([[before, now]]), gone: [] });
  expect(asked).toEqual([[root, sha("one")]]);
});

test("an image that is nowhere is gone, also where the index still names a file that is not there", async () => {
  const [image, never] = [join(root, "a.png"), join(root, "never there.png")];
  writeFileSync(image, "one");
  const images = followed();
  images.remember([image, never]);
  await images.look(root, [image]);
  rmSync(image);
  expect(await images.look(root, [image, never])).toEqual({ moved: new Map(), gone: [image, never] });
  index.set(sha("one"), image);
  expect((await images.look(root, [image])).gone).toEqual([image]);
});

test.skipIf(process.platform === "win32")("a pipe in the place of an image is not waited for", async () => {
  const pipe = join(root, "a.png");
  execFileSync("mkfifo", [pipe]);
  const images = followed();
  images.remember([pipe]);
  // It is being opened by now.
  await access(pipe);
  rmSync(pipe);
  expect(await images.look(root, [pipe])).toEqual({ moved: new Map(), gone: [pipe] });
});
