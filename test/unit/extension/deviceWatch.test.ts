import { beforeEach, expect, test, vi } from "vitest";
import type { DeviceReport, FolderStatus } from "../../../src/shared/index.ts";

/** As much of VS Code as these modules use. */
const editor = vi.hoisted(() => ({
  device: "auto",
  messages: [] as string[],
  statusMessages: [] as string[],
  configurationChanged: (_: { affectsConfiguration(section: string): boolean }): void => {},
  item: { text: "", tooltip: "", show() {} },
}));

vi.mock("vscode", () => ({
  StatusBarAlignment: { Left: 1 },
  env: { language: "en" },
  l10n: { t: (text: string, ...args: unknown[]) => text.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)])) },
  window: {
    createStatusBarItem: () => editor.item,
    setStatusBarMessage: (text: string) => editor.statusMessages.push(text),
    showInformationMessage: async (text: string) => void editor.messages.push(text),
  },
  workspace: {
    getConfiguration: () => ({ get: () => editor.device }),
    onDidChangeConfiguration(listener: typeof editor.configurationChanged) {
      editor.configurationChanged = listener;
      return { dispose() {} };
    },
  },
}));

const { DeviceWatch } = await import("../../../src/extension/deviceWatch.ts");
const { StatusBar } = await import("../../../src/extension/statusBar.ts");

type Parts = ConstructorParameters<typeof DeviceWatch>[0];

const memory = new Map<string, unknown>();
const calls: string[] = [];

function watch(running = true): InstanceType<typeof DeviceWatch> {
  const parts = {
    context: {
      globalState: {
        get: (key: string, fallback: unknown) => memory.get(key) ?? fallback,
        update: async (key: string, value: unknown) => void memory.set(key, value),
      },
    },
    log: { warn() {}, info() {} },
    engine: { pid: running ? 1 : undefined, restart: () => void calls.push("restart") },
    runs: { onStatus: () => ({ dispose() {} }), cancel: () => void calls.push("cancel") },
  };
  return new DeviceWatch(parts as unknown as Parts);
}

function status(report: Partial<DeviceReport>): FolderStatus {
  const deviceReport: DeviceReport = { asked: "auto", used: "cpu", reason: null, tried: [], batch: 8, ...report };
  return {
    folder: "/images",
    indexed: 12,
    skipped: 0,
    device: deviceReport.used,
    deviceReport,
    model: { name: "m", fingerprint: "f", descriptors: ["spoc"] },
    location: "/indexes",
    progress: null,
  };
}

const FALLBACK: Partial<DeviceReport> = { asked: "cuda", reason: "its libraries cannot be loaded" };

beforeEach(() => {
  memory.clear();
  calls.length = 0;
  editor.device = "auto";
  editor.messages.length = 0;
  editor.statusMessages.length = 0;
});

test("says once that a device cannot be used, also over restarts, and again when that is news", () => {
  const first = watch();
  first.report(status(FALLBACK));
  first.report(status(FALLBACK));
  watch().report(status(FALLBACK));
  expect(editor.messages).toEqual([
    "Lookalike: The device CUDA cannot be used, so the model runs on CPU. Reason: its libraries cannot be loaded.",
  ]);
  first.report(status({ ...FALLBACK, reason: "another" }));
  expect(editor.messages).toHaveLength(2);
  first.report(status({ asked: "cuda", used: "cuda" }));
  first.report(status({ ...FALLBACK, reason: "another" }));
  expect(editor.messages).toHaveLength(3);
});

test("auto on a machine without a GPU is nothing to bother a user with", () => {
  watch().report(status({ reason: "webgpu: no GPU is visible to this process" }));
  expect(editor.messages).toEqual([]);
});

test("a change of the setting starts the engine again and says so; another setting, or the same value, does not", () => {
  watch();
  const change = (setting: string) => editor.configurationChanged({ affectsConfiguration: (name) => name === setting });
  change("lookalike.similar.count");
  change("lookalike.device");
  expect(calls).toEqual([]);
  editor.device = "webgpu";
  change("lookalike.device");
  expect(calls).toEqual(["cancel", "restart"]);
  expect(editor.statusMessages).toEqual(["Lookalike: The device is now WEBGPU: the engine starts again."]);
});

test("before the engine runs, a change has nothing to start again", () => {
  watch(false);
  editor.device = "cpu";
  editor.configurationChanged({ affectsConfiguration: () => true });
  expect(calls).toEqual([]);
});

test("the status bar shows the device, and its tooltip the reason", () => {
  const bar = new StatusBar();
  bar.show(status(FALLBACK));
  expect(bar.text).toContain("12 images · CPU");
  expect(editor.item.tooltip).toContain("CUDA was asked for, but cannot be used: its libraries cannot be loaded");
  bar.show(status({ used: "webgpu" }));
  expect(bar.text).toContain("12 images · WEBGPU");
  expect(editor.item.tooltip).not.toContain("asked for");
  bar.show(status({ reason: "webgpu: no GPU is visible to this process" }));
  expect(editor.item.tooltip).toContain("no GPU is visible");
});
