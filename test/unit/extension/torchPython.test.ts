/** Which interpreter takes the steps of a training with torch: the setting's, the Python extension's, one made here, or a usual one. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { searchTorch } from "../../../src/core/training/torch/place.ts";
import { pythonOf } from "../../../src/extension/training/torchEnvironment.ts";

const editor = vi.hoisted(() => ({
  trusted: true,
  setting: "",
  /** What the Python extension's `activate` gives; undefined where it is not installed. */
  python: undefined as unknown,
  pick: 0,
  file: "",
  kept: [] as unknown[],
  said: [] as string[],
}));

vi.mock("vscode", () => {
  const uri = (fsPath: string) => ({ fsPath });
  const say = async (text: string) => void editor.said.push(text);
  return {
    l10n: { t: (text: string, ...args: unknown[]) => text.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)])) },
    Uri: { file: uri, joinPath: (base: { fsPath: string }, name: string) => uri(`${base.fsPath}/${name}`) },
    ConfigurationTarget: { Global: 1 },
    ProgressLocation: { Notification: 15 },
    window: {
      showInformationMessage: say,
      showErrorMessage: say,
      showQuickPick: async (items: unknown[]) => items[editor.pick],
      showOpenDialog: async () => (editor.file === "" ? undefined : [uri(editor.file)]),
    },
    workspace: {
      get isTrusted() {
        return editor.trusted;
      },
      getConfiguration: () => ({
        get: (_: string, fallback: string) => editor.setting || fallback,
        update: async (_: string, value: unknown) => void editor.kept.push(value),
      }),
    },
    extensions: {
      getExtension: () => (editor.python === undefined ? undefined : { activate: async () => editor.python }),
    },
  };
});

const { TorchPython } = await import("../../../src/extension/training/torchPython.ts");
type Parts = ConstructorParameters<typeof TorchPython>;

let scratch: string;
let torch: InstanceType<typeof TorchPython>;

beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), "lookalike-python-"));
  Object.assign(editor, { trusted: true, setting: "", python: undefined, pick: 0, file: "", kept: [], said: [] });
  // The usual ones are programs of this test, too.
  vi.stubEnv("PATH", scratch);
  const engine = { request: async (_: string, { candidates }: { candidates: string[] }) => searchTorch(candidates) };
  const log = { info() {}, debug() {} };
  torch = new TorchPython(...([engine, log, { fsPath: join(scratch, "storage") }] as unknown as Parts));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(scratch, { recursive: true, force: true });
});

/** A program that answers as an interpreter with this version of torch does, or fails. */
function interpreter(file: string, version?: string): string {
  const path = join(scratch, file);
  mkdirSync(dirname(path), { recursive: true });
  const answer = version === undefined ? "exit 3" : `echo '{"version": "${version}", "gpus": 2}'`;
  writeFileSync(path, `#!/bin/sh\n${answer}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** The face of the Python extension, in the shape that `@vscode/python-extension` describes. */
const pythonExtension = (path: string, executable?: string) => ({
  environments: {
    getActiveEnvironmentPath: () => ({ id: path, path }),
    resolveEnvironment: async (given: { path: string }) =>
      executable === undefined ? undefined : { id: given.path, executable: { uri: { fsPath: executable } } },
  },
});

const own = (version: string) => interpreter(pythonOf(join("storage", "torch")), version);

test.skipIf(process.platform === "win32")("each has its turn, and is proved by importing torch", async () => {
  interpreter("python3", "2.0.0");
  expect(await torch.find()).toEqual({ python: "python3", version: "2.0.0", gpus: 2 });
  const made = own("2.6.0");
  expect((await torch.find()).python).toBe(made);
  // An environment's path may be its folder; what it resolves to is the interpreter.
  editor.python = pythonExtension(join(scratch, "environment"), interpreter("resolved", "2.4.1"));
  expect((await torch.find()).python).toBe(join(scratch, "resolved"));
  // One that does not resolve is its own path.
  editor.python = pythonExtension(interpreter("plain", "2.3.0"));
  expect((await torch.find()).python).toBe(join(scratch, "plain"));
  editor.python = pythonExtension(interpreter("without"));
  expect((await torch.find()).python).toBe(made);
  // The setting's alone, whatever else there is.
  editor.setting = interpreter("set", "2.5.0");
  expect((await torch.find()).python).toBe(editor.setting);
  editor.setting = interpreter("broken");
  await expect(torch.find()).rejects.toThrow(/No Python with torch was found .*broken: exit code 3.*Set one up/);
  editor.setting = interpreter("old", "1.8.0");
  await expect(torch.find()).rejects.toThrow(/torch 1\.8\.0 is older than 1\.13/);
});

test.skipIf(process.platform === "win32")("a Python extension of another version does no harm", async () => {
  interpreter("python3", "2.0.0");
  const failing = () => {
    throw new Error("not ready");
  };
  for (const face of [null, {}, { environments: 7 }, { environments: { getActiveEnvironmentPath: failing } }]) {
    editor.python = face;
    expect((await torch.find()).python).toBe("python3");
  }
});

test.skipIf(process.platform === "win32")(
  "one that is chosen is proved and remembered; nothing is asked unless trusted",
  async () => {
    editor.file = interpreter("picked", "2.2.0");
    await torch.setUp();
    expect(editor.kept).toEqual([editor.file]);
    expect(editor.said.join()).toMatch(/Trainings can use torch 2\.2\.0 of .*picked \(2 CUDA devices\)/);
    editor.file = interpreter("broken");
    await expect(torch.setUp()).rejects.toThrow(/It cannot be used: .*broken: exit code 3/);
    expect(editor.kept).toHaveLength(1);
    editor.trusted = false;
    await expect(torch.setUp()).rejects.toThrow(/not trusted/);
    await expect(torch.find()).rejects.toThrow(/not trusted/);
  },
);
