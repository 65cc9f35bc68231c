import { beforeEach, expect, test, vi } from "vitest";
import type { FolderStatus, IndexDetails, IndexProgress } from "../../../src/shared/index.ts";

const editor = vi.hoisted(() => ({ folders: ["/photos/cats"] }));

/** As much of VS Code as these modules use. */
vi.mock("vscode", () => ({
  Uri: { file: (path: string) => ({ fsPath: path }) },
  ThemeIcon: class {
    readonly id: string;
    constructor(id: string) {
      this.id = id;
    }
  },
  TreeItem: class {
    readonly label: unknown;
    collapsibleState: number;
    constructor(label: unknown, state = 0) {
      this.label = label;
      this.collapsibleState = state;
    }
  },
  TreeItemCollapsibleState: { None: 0, Collapsed: 1, Expanded: 2 },
  CancellationError: class extends Error {},
  EventEmitter: class {
    readonly listeners: ((value: unknown) => void)[] = [];
    readonly event = (listener: (value: unknown) => void) => {
      this.listeners.push(listener);
      return { dispose() {} };
    };
    fire(value: unknown) {
      for (const listener of this.listeners) listener(value);
    }
    dispose() {}
  },
  l10n: { t: (text: string, ...args: unknown[]) => text.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)])) },
  workspace: {
    get workspaceFolders() {
      return editor.folders.map((fsPath) => ({ uri: { scheme: "file", fsPath } }));
    },
    getConfiguration: () => ({ get: (_: string, fallback: unknown) => fallback }),
    onDidChangeWorkspaceFolders: () => ({ dispose() {} }),
  },
}));

const { IndexTree } = await import("../../../src/extension/indexView/indexTree.ts");
const { readableBytes } = await import("../../../src/extension/indexView/nodes.ts");
const { ImagesVanishedError } = await import("../../../src/extension/engine/engineClient.ts");
type Tree = InstanceType<typeof IndexTree>;
type Node = Awaited<ReturnType<Tree["getChildren"]>>[number];

const CURRENT = { name: "a.sqlite", model: "smg", rows: 12, skipped: 3, bytes: 1000, damaged: false };
const EMPTY: IndexDetails = { folder: "", place: "/indexes/cats", current: null, skipped: [], others: [], bytes: 0 };

let details: Map<string, IndexDetails | Error>;
let running: Set<string>;
let paused: Set<string>;
let followed: boolean;
/** Of the engine. */
let asked: string[];
let status: (status: Partial<FolderStatus>) => void;
let end: (end: { folder: string; error?: unknown }) => void;
let tree: Tree;

beforeEach(() => {
  editor.folders = ["/photos/cats"];
  details = new Map();
  running = new Set();
  paused = new Set();
  followed = true;
  asked = [];
  tree = new IndexTree({
    engine: {
      request: async (method: string, { folder }: { folder: string }) => {
        asked.push(method);
        const answer = details.get(folder) ?? EMPTY;
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    runs: {
      isRunning: (folder: string) => running.has(folder),
      onStatus: (listener: typeof status) => {
        status = listener;
        return { dispose() {} };
      },
      onEnd: (listener: typeof end) => {
        end = listener;
        return { dispose() {} };
      },
    },
    watch: { isPaused: (folder: string) => paused.has(folder), follows: () => followed },
  } as unknown as ConstructorParameters<typeof IndexTree>[0]);
});

const texts = async (node?: Node) =>
  (await tree.getChildren(node)).map((child) => {
    const { label, description } = tree.getTreeItem(child);
    return description === undefined ? label : `${label} | ${description}`;
  });
const child = async (kind: Node["kind"], node?: Node) =>
  (await tree.getChildren(node)).find((found) => found.kind === kind)!;

test("nothing indexed: no rows, so that the welcome text shows", async () => {
  expect(await tree.getChildren()).toEqual([]);
});

test("an index with its model, size, skipped files by reason, and indexes of other models", async () => {
  details.set("/photos/cats", {
    ...EMPTY,
    current: CURRENT,
    bytes: 1_534_000,
    skipped: [
      { path: "a.png", reason: "the file is empty" },
      { path: "b.png", reason: "damaged" },
      { path: "c.png", reason: "damaged" },
    ],
    others: [{ ...CURRENT, name: "b.sqlite", model: "other", rows: 7 }],
  });
  expect(await texts()).toEqual(["cats | 12 images"]);
  const root = await child("root");
  expect(tree.getTreeItem(root).contextValue).toBe("root ready");
  expect(await texts(root)).toEqual([
    "smg | model · 12 images",
    "3 files skipped",
    "1.5 MB | on disk",
    "1 other index",
  ]);
  const skipped = await child("skipped", root);
  expect(await texts(skipped)).toEqual(["damaged | 2", "the file is empty | 1"]);
  const file = await child("file", await child("reason", skipped));
  expect(tree.getTreeItem(file).command).toMatchObject({
    command: "vscode.open",
    arguments: [{ fsPath: "/photos/cats/b.png" }],
  });
  expect(await texts(await child("others", root))).toEqual(["other | 7 images · 1.0 KB"]);
});

test("what others changed is asked for again, and of a database the engine begins to tell it", async () => {
  const place = "postgres://ann@db/lookalike?folder=cats";
  details.set("/photos/cats", { ...EMPTY, place, current: CURRENT });
  expect(await texts()).toEqual(["cats | 12 images"]);
  expect(asked).toEqual(["index/details", "folder/status"]);
  details.set("/photos/cats", { ...EMPTY, place, current: { ...CURRENT, rows: 40 } });
  expect(await texts()).toEqual(["cats | 12 images"]);
  status({ folder: "/photos/cats", indexed: 40, progress: null, byOthers: true });
  expect(await texts()).toEqual(["cats | 40 images"]);
});

test("follows a run: progress, pause, failure, success", async () => {
  const root = async () => (await texts())[0];
  const progress = (phase: IndexProgress["phase"], done: number, total: number) => {
    const deviceReport = { asked: "cpu", used: "cpu", reason: null, tried: [], batch: 8 } as const;
    status({
      folder: "/photos/cats",
      device: "cpu",
      deviceReport,
      progress: { phase, done, total, skipped: 0, imagesPerSecond: 1, secondsLeft: 1 },
    });
  };
  let refreshed = 0;
  tree.onDidChangeTreeData(() => refreshed++);
  running.add("/photos/cats");
  progress("waiting", 0, 0);
  expect(await root()).toBe("cats | waiting for another process");
  progress("embedding", 3, 9);
  expect(await root()).toBe("cats | indexing 3 of 9");
  running.clear();
  paused.add("/photos/cats");
  end({ folder: "/photos/cats", error: new Error("cancelled") });
  expect(await root()).toBe("cats | paused");
  paused.clear();
  expect(await root()).toBe("cats | failed");
  expect(await texts(await child("root"))).toContain("cancelled");
  details.set("/photos/cats", { ...EMPTY, current: CURRENT });
  end({ folder: "/photos/cats" });
  expect(await root()).toBe("cats | up to date · 12 images");
  followed = false;
  expect(await root()).toBe("cats | 12 images");
  expect(refreshed).toBeGreaterThan(3);
});

test("images that are gone at once are counted in the row; below it stands what became of the index", async () => {
  details.set("/photos/cats", { ...EMPTY, current: CURRENT });
  const error = new ImagesVanishedError("76 of the 76 indexed images of /photos/cats are gone at once.", {
    gone: 76,
    indexed: 76,
  });
  await texts();
  end({ folder: "/photos/cats", error });
  expect(await texts()).toEqual(["cats | 76 of 76 images gone"]);
  const root = await child("root");
  expect((await texts(root))[0]).toBe("Nothing removed | a disk away?");
  expect(tree.getTreeItem(await child("vanished", root)).tooltip).toMatch(/gone at once\.\n.*Remove From Index/);
  end({ folder: "/photos/cats" });
  expect(await texts(await child("root"))).toEqual(["smg | model · 12 images"]);
});

test("several folders: each has its row; an engine that cannot answer is said so", async () => {
  editor.folders = ["/photos/cats", "/photos/dogs", "/photos/birds"];
  details.set("/photos/cats", { ...EMPTY, current: CURRENT });
  details.set("/photos/birds", new Error("no native modules"));
  expect(await texts()).toEqual(["cats | 12 images", "dogs | not indexed", "birds | failed"]);
  tree.forget("/photos/birds");
  details.delete("/photos/birds");
  expect((await texts())[2]).toBe("birds | not indexed");
});

test("bytes for people", () => {
  expect([0, 999, 1000, 1_534_000, 250_000_000, 7e9].map(readableBytes)).toEqual([
    "0 B",
    "999 B",
    "1.0 KB",
    "1.5 MB",
    "250 MB",
    "7.0 GB",
  ]);
});
