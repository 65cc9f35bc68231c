/** Where an interpreter is looked for, nothing of the folder that one happens to be in runs. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PYTHON } from "../../fixtures/torch/torch.ts";

const root = mkdtempSync(join(tmpdir(), "lookalike-place-"));
const PLACE = resolve(import.meta.dirname, "../../../src/core/training/torch/place.ts");
const CANDIDATES = [PYTHON, "python3"];

beforeAll(() => {
  // What Python would find before its own modules, were it started here.
  for (const name of ["json.py", "torch.py", "sitecustomize.py"])
    writeFileSync(join(root, name), `open(${JSON.stringify(join(root, "ran"))}, "w")\n`);
  // An interpreter that was named by its path in this folder is meant.
  writeFileSync(join(root, "own"), `#!/bin/sh\necho '{"version": "2.1.0", "gpus": 0}'\n`);
  chmodSync(join(root, "own"), 0o755);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What is found where this is the current folder. */
function searchedHere(candidates: readonly string[]): unknown {
  const program = `import { searchTorch } from ${JSON.stringify(PLACE)}; console.log(JSON.stringify(await searchTorch(${JSON.stringify(candidates)})));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: root,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

test.skipIf(process.platform === "win32" || !existsSync(PYTHON))(
  "modules of the current folder are not imported",
  () => {
    for (const candidate of CANDIDATES) searchedHere([candidate]);
    expect(readdirSync(root).sort()).toEqual(["json.py", "own", "sitecustomize.py", "torch.py"]);
  },
);

test.skipIf(process.platform === "win32")("a path is one of the folder that it was given in", () => {
  expect(searchedHere(["./own"])).toEqual({ python: join(root, "own"), version: "2.1.0", gpus: 0 });
});
