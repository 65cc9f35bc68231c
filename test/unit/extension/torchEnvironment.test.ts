import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { devNull, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { searchTorch } from "../../../src/core/training/torch/place.ts";
import { makeEnvironment, pythonOf } from "../../../src/extension/training/torchEnvironment.ts";

/** A Python that can make environments; Debian has that in a package of its own. */
const PYTHON = ["/usr/bin/python3", "python3"].find(
  (python) => spawnSync(python, ["-c", "import venv, ensurepip"]).status === 0,
);
if (PYTHON === undefined) console.log("Skipped: environments by venv. On Debian: apt-get install python3-venv");

const never = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose() {} }) };

let scratch: string;
let bin: string;
let wheels: string;
let folder: string;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "lookalike-environment-"));
  [bin, wheels, folder] = [join(scratch, "bin"), join(scratch, "wheels"), join(scratch, "torch")];
  for (const each of [bin, wheels]) mkdirSync(each);
  // What the tools of this machine are set to is of no matter: packages come from a folder of ours, and from nowhere else.
  vi.stubEnv("PATH", bin);
  vi.stubEnv("PIP_CONFIG_FILE", devNull);
  vi.stubEnv("PIP_NO_INDEX", "1");
  vi.stubEnv("PIP_FIND_LINKS", wheels);
  for (const name of Object.keys(process.env).filter((each) => /^(PIP_|UV_)/.test(each))) {
    if (!["PIP_CONFIG_FILE", "PIP_NO_INDEX", "PIP_FIND_LINKS"].includes(name)) vi.stubEnv(name, undefined);
  }
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(scratch, { recursive: true, force: true });
});

function program(name: string, text: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(bin, name), 0o755);
}

/** A package of one file, as pip installs it. */
function writeWheel(name: string, version: string, source: string): void {
  const about = `Name: ${name}\nVersion: ${version}\n`;
  const info = `${name}-${version}.dist-info`;
  const files = {
    [`${name}/__init__.py`]: source,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\n${about}`,
    [`${info}/WHEEL`]: "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    [`${info}/RECORD`]: `${name}/__init__.py,,\n${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`,
  };
  const zip =
    "import json, sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w') as z:\n  for n, t in json.loads(sys.argv[2]).items(): z.writestr(n, t)";
  execFileSync(PYTHON!, ["-c", zip, join(wheels, `${name}-${version}-py3-none-any.whl`), JSON.stringify(files)]);
}

test.skipIf(PYTHON === undefined)(
  "without uv Python's own venv makes it, pip fills it, and it is proved by importing torch",
  async () => {
    symlinkSync(
      execFileSync(PYTHON!, ["-c", "import sys; print(sys.executable)"]).toString().trim(),
      join(bin, "python3"),
    );
    writeWheel("torch", "9.9.1", "__version__ = '9.9.1'\nclass cuda:\n  is_available = staticmethod(lambda: False)\n");
    writeWheel("numpy", "9.0.0", "");
    // An older one is made anew.
    mkdirSync(folder);
    writeFileSync(join(folder, "left over"), "");
    const lines: string[] = [];
    await makeEnvironment(folder, never, (line) => lines.push(line));
    expect(lines.at(-1)).toMatch(/Successfully installed numpy-9\.0\.0 torch-9\.9\.1/);
    expect(existsSync(join(folder, "left over"))).toBe(false);
    expect(await searchTorch([pythonOf(folder)])).toEqual({ python: pythonOf(folder), version: "9.9.1", gpus: 0 });

    rmSync(join(wheels, "torch-9.9.1-py3-none-any.whl"));
    await expect(makeEnvironment(folder, never, () => {})).rejects.toThrow(/No matching distribution found for torch/);
    // What cannot be used is not left behind.
    expect(existsSync(folder)).toBe(false);
  },
  300_000,
);

test("uv makes it where it is installed", async () => {
  const told = join(scratch, "told");
  program("uv", `echo "$@" >> "${told}"; echo "done $1"`);
  const lines: string[] = [];
  await makeEnvironment(folder, never, (line) => lines.push(line));
  expect(readFileSync(told, "utf8").trim().split("\n")).toEqual([
    "--version",
    `venv ${folder}`,
    `pip install --python ${pythonOf(folder)} torch numpy`,
  ]);
  expect(lines).toEqual(["done venv", "done pip"]);
});

test("what is cancelled ends its program and leaves nothing", async () => {
  program(
    "uv",
    `case "$1" in venv) mkdir -p "$2"; echo made; exec /bin/sleep 100;; esac`.replace("mkdir", "/bin/mkdir"),
  );
  const cancel: (() => void)[] = [];
  const token = {
    isCancellationRequested: false,
    onCancellationRequested(listener: () => void) {
      cancel.push(listener);
      return { dispose() {} };
    },
  };
  const made = makeEnvironment(folder, token, () => {
    token.isCancellationRequested = true;
    for (const listener of cancel) listener();
  });
  await expect(made).rejects.toThrow(/uv venv: cancelled/);
  expect(existsSync(folder)).toBe(false);
});

test("a program that is not there is named", async () => {
  await expect(makeEnvironment(folder, never, () => {})).rejects.toThrow(/python3 -m: .*ENOENT/);
});
