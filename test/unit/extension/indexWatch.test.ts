import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { FolderStatus } from "../../../src/shared/index.ts";

type Listener = (uri: { path: string }) => void;

/** As much of VS Code as this module uses. */
const editor = vi.hoisted(() => ({
  watch: true,
  folders: ["/images", "/other"],
  watchers: new Map<string, { fire: Listener; disposed: boolean }>(),
  trusted: (): void => {},
  settingsChanged: (_: { affectsConfiguration(section: string): boolean }): void => {},
}));

vi.mock("vscode", () => ({
  Uri: { file: (path: string) => ({ fsPath: path, path }) },
  RelativePattern: class {
    readonly base: string;
    constructor(base: string) {
      this.base = base;
    }
  },
  CancellationError: class extends Error {},
  workspace: {
    isTrusted: true,
    get workspaceFolders() {
      return editor.folders.map((fsPath) => ({ uri: { scheme: "file", fsPath } }));
    },
    getConfiguration: () => ({
      get: (name: string, fallback: unknown) => (name === "index.watch" ? editor.watch : fallback),
    }),
    onDidGrantWorkspaceTrust(listener: () => void) {
      editor.trusted = listener;
      return { dispose() {} };
    },
    onDidChangeWorkspaceFolders: () => ({ dispose() {} }),
    onDidChangeConfiguration(listener: typeof editor.settingsChanged) {
      editor.settingsChanged = listener;
      return { dispose() {} };
    },
    createFileSystemWatcher({ base }: { base: string }) {
      const listeners: Listener[] = [];
      const on = (listener: Listener) => listeners.push(listener);
      const watcher = { disposed: false, fire: (uri: { path: string }) => listeners[0]!(uri) };
      editor.watchers.set(base, watcher);
      return { onDidCreate: on, onDidChange: on, onDidDelete: on, dispose: () => (watcher.disposed = true) };
    },
  },
}));

const { IndexWatch } = await import("../../../src/extension/indexWatch.ts");
type Parts = ConstructorParameters<typeof IndexWatch>[0];

const memory = new Map<string, unknown>();
let runs: string[];
let running: boolean;
let indexed: number;
let status: (status: Partial<FolderStatus>) => void;
let asked: number;
let end: (end: { folder: string }) => void;
let watch: InstanceType<typeof IndexWatch>;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  memory.clear();
  memory.set("index.folders", ["/images", "/elsewhere"]);
  editor.watchers.clear();
  editor.watch = true;
  runs = [];
  running = false;
  asked = 0;
  indexed = 5;
  watch = new IndexWatch({
    context: {
      globalState: {
        get: (key: string, fallback: unknown) => memory.get(key) ?? fallback,
        update: async (key: string, value: unknown) => void memory.set(key, value),
      },
    },
    log: { info() {}, warn() {} },
    engine: { request: async () => ({ indexed }) },
    runs: {
      isRunning() {
        asked++;
        return running;
      },
      onEnd: (listener: typeof end) => {
        end = listener;
        return { dispose() {} };
      },
      onStatus: (listener: typeof status) => {
        status = listener;
        return { dispose() {} };
      },
      run: async (folder: string) => {
        runs.push(folder);
        return { indexed: 0, updated: 0, removed: 0 };
      },
    },
  } as unknown as Parts);
});
afterEach(() => {
  watch.dispose();
  vi.useRealTimers();
});

const change = (path: string) => editor.watchers.get("/images")!.fire({ path });

test("many changes become one update, once it is quiet", async () => {
  for (let i = 0; i < 20; i++) {
    change(`/images/${i}.png`);
    await vi.advanceTimersByTimeAsync(300);
  }
  expect(runs).toEqual([]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(runs).toEqual(["/images"]);
});

test("changes without end do not put an update off without end", async () => {
  for (let i = 0; i < 80; i++) {
    change(`/images/${i}.png`);
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(runs.length).toBeGreaterThanOrEqual(2);
});

test("what cannot change an index does not start an update", async () => {
  for (const path of ["/images/a.txt", "/images/.git/index", "/images/node_modules/x/a.png"]) change(path);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(runs).toEqual([]);
  for (const path of ["/images/folder", "/images/.gitignore", "/images/a.JPG"]) {
    change(path);
    await vi.advanceTimersByTimeAsync(2_000);
  }
  expect(runs).toHaveLength(3);
});

test("a change during a run is looked at after it", async () => {
  running = true;
  change("/images/a.png");
  await vi.advanceTimersByTimeAsync(30_000);
  expect(runs).toEqual([]);
  // Now and then: a run may take hours.
  expect(asked).toBeLessThan(40);
  running = false;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(runs).toEqual(["/images"]);
});

const PROGRESS = { phase: "embedding", done: 1, total: 9, skipped: 0, imagesPerSecond: 0, secondsLeft: null } as const;

test("a change during the first run is looked at after it; a run that made no index ends that", async () => {
  const begins = () => status({ folder: "/other", indexed: 0, progress: PROGRESS });
  running = true;
  begins();
  editor.watchers.get("/other")!.fire({ path: "/other/late.png" });
  await vi.advanceTimersByTimeAsync(5_000);
  end({ folder: "/other" });
  running = false;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(editor.watchers.get("/other")!.disposed).toBe(true);
  expect(runs).toEqual([]);
  running = true;
  begins();
  editor.watchers.get("/other")!.fire({ path: "/other/late.png" });
  editor.settingsChanged({ affectsConfiguration: (section) => section === "lookalike.index.exclude" });
  status({ folder: "/other", indexed: 9, progress: null });
  end({ folder: "/other" });
  running = false;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(runs.filter((folder) => folder === "/other")).toHaveLength(1);
});

test("what changed while a folder was not followed is looked at where that begins again", async () => {
  const set = (value: boolean) => {
    editor.watch = value;
    editor.settingsChanged({ affectsConfiguration: (section) => section === "lookalike.index.watch" });
  };
  set(false);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(runs).toEqual([]);
  set(true);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(runs).toEqual(["/images"]);
});

test("paused: nothing; a chosen model without an index: nothing", async () => {
  expect(watch.follows("/images")).toBe(true);
  expect(watch.follows("/other")).toBe(false);
  watch.pause("/images");
  expect(watch.follows("/images")).toBe(false);
  change("/images/a.png");
  await vi.advanceTimersByTimeAsync(20_000);
  watch.resume("/images");
  indexed = 0;
  change("/images/a.png");
  await vi.advanceTimersByTimeAsync(20_000);
  expect(runs).toEqual([]);
});

test("only folders that have an index are watched; the first index begins it, its end and the setting end it", async () => {
  expect([...editor.watchers.keys()]).toEqual(["/images"]);
  status({ folder: "/other", indexed: 3, progress: null });
  await vi.advanceTimersByTimeAsync(0);
  expect([...editor.watchers.keys()]).toEqual(["/images", "/other"]);
  await watch.forget("/other");
  expect(editor.watchers.get("/other")!.disposed).toBe(true);
  expect(memory.get("index.folders")).toEqual(["/images", "/elsewhere"]);
  editor.watch = false;
  editor.settingsChanged({ affectsConfiguration: (section) => section === "lookalike.index.watch" });
  expect(editor.watchers.get("/images")!.disposed).toBe(true);
});

test("another filter is taken up", async () => {
  editor.settingsChanged({ affectsConfiguration: (section) => section === "files.exclude" });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(runs).toEqual(["/images"]);
});

test("a check of all looks at every watched folder, and so does trust that is given", async () => {
  watch.checkAll();
  await vi.advanceTimersByTimeAsync(0);
  expect(runs).toEqual(["/images"]);
  editor.trusted();
  await vi.advanceTimersByTimeAsync(0);
  expect(runs).toEqual(["/images", "/images"]);
});
