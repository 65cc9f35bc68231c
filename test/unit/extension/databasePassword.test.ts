/** A database's password: asked for, kept by VS Code, told to the engine, and nowhere else. */
import { beforeEach, expect, test, vi } from "vitest";

const editor = vi.hoisted(() => ({
  location: "",
  typed: undefined as string | undefined,
  asked: [] as { title: string; password: boolean }[],
  said: [] as string[],
  changed: (_: { affectsConfiguration(section: string): boolean }): void => {},
}));

vi.mock("vscode", () => ({
  l10n: { t: (text: string, ...args: unknown[]) => text.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)])) },
  window: {
    setStatusBarMessage: (text: string) => editor.said.push(text),
    async showInputBox(options: { title: string; password: boolean }) {
      editor.asked.push(options);
      return editor.typed;
    },
  },
  workspace: {
    getConfiguration: () => ({
      get: (key: string, fallback: unknown) => (key === "index.location" ? editor.location : fallback),
    }),
    onDidChangeConfiguration(listener: typeof editor.changed) {
      editor.changed = listener;
      return { dispose() {} };
    },
  },
}));

const { followDatabase, setDatabasePassword, tellPassword } = await import(
  "../../../src/extension/databasePassword.ts"
);
type Parts = Parameters<typeof setDatabasePassword>[0];

const kept = new Map<string, string>();
let changeSecret = (_: { key: string }): void => {};
const secrets = {
  get: async (key: string) => kept.get(key),
  store: async (key: string, value: string) => void kept.set(key, value),
  delete: async (key: string) => void kept.delete(key),
  onDidChange(listener: typeof changeSecret) {
    changeSecret = listener;
    return { dispose() {} };
  },
};
const told: unknown[] = [];
const engine = { pid: 1, request: async (...all: unknown[]) => void told.push(all) };
const parts = { context: { secrets }, engine } as unknown as Parts;

beforeEach(() => {
  kept.clear();
  told.length = 0;
  editor.asked.length = 0;
  editor.said.length = 0;
  editor.location = "postgres://ann@db/pictures?folder=*";
});

test("a password is kept under its server, told to the engine, and forgotten", async () => {
  editor.typed = "s3cret";
  await setDatabasePassword(parts);
  expect(editor.asked).toMatchObject([{ title: "Password for ann@db/pictures", password: true }]);
  expect([...kept]).toEqual([["lookalike.database.ann@db/pictures", "s3cret"]]);
  expect(told).toEqual([["index/password", { server: "ann@db/pictures", password: "s3cret" }]]);
  expect(editor.said.join()).not.toContain("s3cret");

  // A new engine knows nothing.
  const again: unknown[] = [];
  await tellPassword(async (params) => again.push(params), secrets);
  expect(again).toEqual([{ server: "ann@db/pictures", password: "s3cret" }]);

  editor.typed = "";
  await setDatabasePassword(parts);
  expect(kept.size).toBe(0);
  expect(told.at(-1)).toEqual(["index/password", { server: "ann@db/pictures", password: null }]);
});

test("nothing is asked where the place is a folder, and nothing changes when the question is left", async () => {
  editor.typed = undefined;
  await setDatabasePassword(parts);
  expect([...kept, ...told]).toEqual([]);
  editor.location = "/indexes";
  await expect(setDatabasePassword(parts)).rejects.toThrow(/names no database. Write postgres:/);
  await tellPassword(async (params) => told.push(params), secrets);
  expect(told).toEqual([]);
});

test("another database in the setting is told of as well", async () => {
  kept.set("lookalike.database.bob@other/x", "p");
  let refreshed = 0;
  const following = followDatabase(parts.engine, secrets, () => void refreshed++);
  editor.location = "postgres://bob@other/x?folder=a";
  editor.changed({ affectsConfiguration: (section) => section === "lookalike.device" });
  editor.changed({ affectsConfiguration: (section) => section === "lookalike.index.location" });
  await vi.waitFor(() => expect(told).toEqual([["index/password", { server: "bob@other/x", password: "p" }]]));

  // In another window it is changed, then forgotten; another one's is nothing to this one.
  kept.set("lookalike.database.bob@other/x", "q");
  changeSecret({ key: "lookalike.database.ann@db/pictures" });
  changeSecret({ key: "lookalike.database.bob@other/x" });
  await vi.waitFor(() => expect(refreshed).toBe(1));
  kept.clear();
  changeSecret({ key: "lookalike.database.bob@other/x" });
  await vi.waitFor(() => expect(refreshed).toBe(2));
  const tellings = ["p", "q", null].map((password) => ["index/password", { server: "bob@other/x", password }]);
  expect(told).toEqual(tellings);
  following.dispose();
});
