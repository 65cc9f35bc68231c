import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dataFolder, makeFolder } from "../../../src/core/files/index.ts";

let root: string;
const before = process.env["XDG_DATA_HOME"];
const mask = process.umask();

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-folders-"));
  process.env["XDG_DATA_HOME"] = join(root, "data");
});
afterEach(() => {
  if (before === undefined) delete process.env["XDG_DATA_HOME"];
  else process.env["XDG_DATA_HOME"] = before;
  rmSync(root, { recursive: true, force: true });
});

const rights = (path: string) => statSync(path).mode & 0o777;

test("folders in the user's data folder are for the owner alone; chosen places have the usual rights", (context) => {
  if (process.platform !== "linux") return context.skip("the place is told by XDG_DATA_HOME on Linux only");
  const place = join(dataFolder(), "indexes", "photos-1");
  makeFolder(place);
  for (const path of [dataFolder(), join(dataFolder(), "indexes"), place]) expect(rights(path)).toBe(0o700);
  // A second time is no error, and changes no rights.
  makeFolder(place);
  const chosen = join(root, "shared", "indexes");
  makeFolder(chosen);
  expect(rights(chosen)).toBe(0o777 & ~mask);
  // Beside the data folder, not in it.
  const beside = `${dataFolder()}-more`;
  makeFolder(beside);
  expect(rights(beside)).toBe(0o777 & ~mask);
});
