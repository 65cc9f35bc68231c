import { beforeEach, describe, expect, test } from "vitest";
import { ImageTables, type TablesHost } from "../../../src/extension/imageTables.ts";
import type { TableSummary } from "../../../src/shared/index.ts";

const FOLDER = "/images";
const BESIDE = "/images/labels.csv";
const CHOSEN = "/elsewhere/more.csv";
const table = (file: string, problem: string | null = null): TableSummary => ({ file, columns: ["kind"], problem });

let memory: Map<string, unknown>;
let disk: TableSummary[];
let picked: string | undefined;

/** A window: what it remembers is in `memory`, which outlives it. */
function open(): ImageTables {
  const host: TablesHost = {
    tables: async (folder, _under, files) => [
      ...files.map((file) => disk.find((each) => each.file === file) ?? table(file, `${file} is gone.`)),
      ...disk.filter(({ file }) => file.startsWith(`${folder}/`) && !files.includes(file)),
    ],
    ask: async () => picked,
    askBoxes: async () => picked,
    texts: { unreadable: (file) => `${file} cannot be read`, notOffered: (file) => `${file} is not offered` },
  };
  const memento = {
    get: (key: string) => memory.get(key),
    update: async (key: string, value: unknown) => void memory.set(key, JSON.parse(JSON.stringify(value))),
  };
  return new ImageTables(host, memento);
}
const filesOf = async (tables: ImageTables, folder = FOLDER) => (await tables.of(folder)).map(({ file }) => file);

beforeEach(() => {
  memory = new Map();
  disk = [table(BESIDE), table(CHOSEN), table("/images/broken.csv", "broken")];
  picked = undefined;
});

describe("the tables of a folder", () => {
  test("that a user chose come first, and are there in the next window too", async () => {
    const before = open();
    expect(await before.choose(FOLDER)).toBeNull();
    picked = CHOSEN;
    expect(await before.choose(FOLDER)).toEqual(table(CHOSEN));
    const after = open();
    expect((await filesOf(after)).slice(0, 2)).toEqual([CHOSEN, BESIDE]);
    // Of another folder nobody chose it.
    expect(await filesOf(after, "/others")).toEqual([]);
  });

  test("are not remembered where they are no tables", async () => {
    const tables = open();
    picked = "/images/broken.csv";
    await expect(tables.choose(FOLDER)).rejects.toThrow("broken");
    picked = "/none.csv";
    await expect(tables.choose(FOLDER)).rejects.toThrow("/none.csv is gone.");
    expect((await filesOf(open()))[0]).toBe(BESIDE);
  });

  test("are the only files that may be read", async () => {
    const tables = open();
    await tables.check([FOLDER], BESIDE);
    await expect(tables.check([FOLDER], CHOSEN)).rejects.toThrow(`${CHOSEN} is not offered`);
    await expect(tables.check([FOLDER], "/etc/passwd")).rejects.toThrow("/etc/passwd is not offered");
    await tables.check(["/others", FOLDER], BESIDE);
    await expect(tables.checkColour(FOLDER, { kind: "table", file: CHOSEN, column: "kind" })).rejects.toThrow(CHOSEN);
    const labels = { file: CHOSEN, column: "kind" };
    await expect(tables.checkColour(FOLDER, { kind: "agreement", labels, k: 5 })).rejects.toThrow(CHOSEN);
    await tables.checkColour(FOLDER, { kind: "pixels" });
    await tables.checkColour(FOLDER, null);
  });
});

describe("what is remembered of a folder", () => {
  const labels = { file: BESIDE, column: "kind" };

  test("is where labels come from and what colours the maps, each folder for itself", async () => {
    const before = open();
    expect([before.labels(FOLDER), before.colour(FOLDER)]).toEqual([null, null]);
    await before.keepLabels(FOLDER, labels);
    await before.keepColour(FOLDER, { kind: "table", ...labels });
    await before.keepColour("/others", { kind: "pixels" });
    const after = open();
    expect(after.labels(FOLDER)).toEqual(labels);
    expect(after.colour(FOLDER)).toEqual({ kind: "table", ...labels });
    expect([after.labels("/others"), after.colour("/others")]).toEqual([null, { kind: "pixels" }]);
    await after.keepLabels(FOLDER, null);
    expect(open().labels(FOLDER)).toBeNull();
  });

  test("may be read although it vanished: whoever reads it says that it is gone", async () => {
    await open().keepLabels(FOLDER, labels);
    disk = [];
    await open().check([FOLDER], BESIDE);
    await expect(open().check(["/others"], BESIDE)).rejects.toThrow("not offered");
  });

  test("is nothing where it is from another version", () => {
    for (const odd of [3, "x", { [FOLDER]: 5 }, { [FOLDER]: { labels: { file: 1 } } }, { [FOLDER]: { chosen: "a" } }]) {
      memory.set("lookalike.tables", odd);
      expect([open().labels(FOLDER), open().colour(FOLDER)]).toEqual([null, null]);
    }
  });
});

test("boxes come from the file that the user chose for the folder, and from no other", async () => {
  const tables = open();
  expect(await tables.chooseBoxes(FOLDER)).toBeNull();
  picked = "/elsewhere/instances.json";
  expect(await tables.chooseBoxes(FOLDER)).toBe(picked);
  const after = open();
  expect(after.boxes(FOLDER)).toBe(picked);
  after.checkBoxes(FOLDER, picked);
  after.checkBoxes(FOLDER, null);
  expect(() => after.checkBoxes(FOLDER, "/etc/passwd")).toThrow("is not offered");
  expect(() => after.checkBoxes("/others", "/elsewhere/instances.json")).toThrow("is not offered");
  await after.keepBoxes(FOLDER, null);
  expect(open().boxes(FOLDER)).toBeNull();
});
