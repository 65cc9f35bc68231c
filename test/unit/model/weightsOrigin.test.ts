/** What lies beside a weights file is believed where it is about that very file, and read within bounds. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { encodeWeightsOrigin, originFile, readWeightsOrigin } from "../../../src/core/model/weightsOrigin.ts";

const HASH = "ab".repeat(32);
const ORIGIN = { source: "https://hub/owner/model", version: "abc", licence: "apache-2.0" };
const UNKNOWN = { source: "model.safetensors", version: `sha256 ${HASH}`, licence: "unknown" };

let root: string;
let file: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-origin-"));
  file = join(root, "model.safetensors");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const read = () => readWeightsOrigin(file, HASH);
const put = (text: string) => writeFileSync(originFile(file), text);

test("what was written beside a file is read again, and not beside another one", () => {
  put(encodeWeightsOrigin(ORIGIN, HASH));
  expect(read()).toEqual(ORIGIN);
  expect(readWeightsOrigin(file, "cd".repeat(32)).licence).toBe("unknown");
});

test.each<[string, string]>([
  ["nothing", ""],
  ["no JSON", '{"sha256": '],
  ["another value", "[1]"],
  ["a part that is missing", JSON.stringify({ sha256: HASH, source: "a", version: "b" })],
  ["a part that is no text", JSON.stringify({ sha256: HASH, source: {}, version: "b", licence: "c" })],
  ["lists in lists", "[".repeat(30_000)],
  ["more than a record can be", encodeWeightsOrigin({ ...ORIGIN, source: "x".repeat(1 << 16) }, HASH)],
])("%s beside a weights file says nothing", (_, text) => {
  put(text);
  expect(read()).toEqual(UNKNOWN);
});

test("a folder, a pipe, a device or a link to nowhere in its place is passed over and holds nobody up", () => {
  const place = originFile(file);
  mkdirSync(place);
  expect(read()).toEqual(UNKNOWN);
  rmSync(place, { recursive: true });
  if (process.platform === "win32") return;
  for (const target of ["/dev/zero", join(root, "nowhere"), place]) {
    symlinkSync(target, place);
    expect(read()).toEqual(UNKNOWN);
    rmSync(place);
  }
  execFileSync("mkfifo", [place]);
  expect(read()).toEqual(UNKNOWN);
});

test("nothing that a record can say becomes more than its three texts", () => {
  put(JSON.stringify({ sha256: HASH, ...ORIGIN, __proto__: { licence: "mit" }, more: "x" }));
  expect(read()).toEqual(ORIGIN);
});
