import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FolderInUse } from "../../../src/core/folder/folderInUse.ts";
import { shareThumbnails } from "../../../src/core/folder/shareThumbnails.ts";
import type { SharedThumbnails } from "../../../src/core/index/place.ts";
import { drawNoise } from "../../fixtures/drawNoise.ts";

const root = mkdtempSync(join(tmpdir(), "lookalike-share-"));
const folder = join(root, "images");

beforeAll(async () => {
  mkdirSync(folder);
  for (const [i, path] of ["a.png", "private.png", "../secret.png"].entries())
    await drawNoise(join(folder, path), i + 1);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const hashOf = (path: string) =>
  createHash("sha256")
    .update(readFileSync(join(folder, path)))
    .digest();

test("only what was indexed is shared: whoever writes the database names files by their path alone", async () => {
  const right = hashOf("a.png");
  const asked = [
    { path: "private.png", hash: Buffer.alloc(32, 1) },
    { path: "../secret.png", hash: right },
    { path: "gone.png", hash: Buffer.alloc(32, 2) },
    { path: "a.png", hash: right },
  ];
  const shared: Parameters<SharedThumbnails["put"]>[0][number][] = [];
  const thumbnails: Pick<SharedThumbnails, "prune" | "missing" | "put"> = {
    prune: async () => {},
    missing: async () => asked,
    put: async (some) => void shared.push(...some),
  };
  const use = { folder, place: { thumbnails }, current: { embedder: { summary: { fingerprint: "f" } } } };
  await shareThumbnails(use as unknown as FolderInUse, {});
  expect(shared.map(({ hash }) => Buffer.from(hash).equals(right))).toEqual([true]);
});
