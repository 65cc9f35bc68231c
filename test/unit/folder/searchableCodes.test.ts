import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pLimit from "p-limit";
import { afterAll, afterEach, expect, test } from "vitest";
import { Searchable, type SearchableOptions } from "../../../src/core/folder/searchable.ts";
import { localPlaceAt } from "../../../src/core/index/localPlace.ts";
import { openSqliteStore } from "../../../src/core/index/openSqliteStore.ts";
import { type WasmModule, wasm } from "../../../src/core/search/coarse/webAssembly.ts";
import {
  CODED_DIM,
  CODED_FINGERPRINT,
  CODED_SHARES,
  codedEmbedder,
  codedImage,
  expectSameLists,
  listsOf,
} from "../../fixtures/codedIndex.ts";

const COUNT = 1200;
const root = mkdtempSync(join(tmpdir(), "lookalike-codes-"));
const file = join(root, `${"f".repeat(16)}.sqlite`);
const identity = { folder: root, fingerprint: CODED_FINGERPRINT, model: "made up", dim: CODED_DIM };
const open: Searchable[] = [];
const warnings: string[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  warnings.length = 0;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function opened(options: Partial<SearchableOptions> = {}): Promise<Searchable> {
  const warn = (message: string) => void warnings.push(message);
  const searchable = await Searchable.open(root, localPlaceAt(root), codedEmbedder, { warn, ...options });
  open.push(searchable);
  return searchable;
}
const coded = () => opened({ codesFrom: 0 });
const plain = () => opened({ kernel: () => null });

async function fill(): Promise<void> {
  rmSync(file, { force: true });
  const store = openSqliteStore(file, identity, () => {});
  await store.put(Array.from({ length: COUNT }, (_, i) => codedImage(i)));
  await store.close();
}

test("an index held as codes gives the lists, the kinds and the chance of one held whole", async () => {
  await fill();
  const [codes, whole] = [await coded(), await plain()];
  await expectSameLists(codes, whole, { of: "0/6.png" });
  await expectSameLists(codes, whole, { of: "5/11.png", k: 120, under: "3" });
  await expectSameLists(codes, whole, { of: "1/7.png", accepts: (path) => path.endsWith("1.png") });
  expect((await codes.chance())!.limits(CODED_SHARES)).toEqual((await whole.chance())!.limits(CODED_SHARES));
  expect(await codes.stored("0/6.png")).toEqual(await whole.stored("0/6.png"));
  expect(await codes.stored("0/7.png")).toBeUndefined();
  expect(warnings).toEqual([]);
});

test("codes follow what this process stores and what another one does", async () => {
  await fill();
  const [codes, whole] = [await coded(), await plain()];
  await expectSameLists(codes, whole, { of: "0/6.png" });
  const [changed, gone] = [
    [codedImage(12, 77), codedImage(18, 78), codedImage(6000)],
    ["0/24.png", "0/30.png"],
  ];
  await codes.store.put(changed);
  const records = (await codes.store.images()).filter(({ path }) => gone.includes(path));
  await codes.store.remove(records);
  // Between the store and the observer others may search: no score may be one of before.
  const between = (await listsOf(codes, { of: "0/18.png", k: 100 })).named[0]!;
  const scores = new Map((await listsOf(whole, { of: "0/18.png", k: COUNT })).named[0]!);
  for (const [path, score] of between) expect(score).toBe(scores.get(path));
  const observer = codes.observer(pLimit(1));
  await observer.stored(changed);
  await observer.dropped(gone);
  for (const of of ["0/12.png", "0/6000.png"]) {
    await expectSameLists(codes, whole, { of });
    expect((await listsOf(codes, { of })).named[0]![0]![0]).toBe(of);
  }
  expect(await codes.stored("0/24.png")).toBeUndefined();
  const other = openSqliteStore(file, identity, () => {});
  await other.put([codedImage(36, 79), codedImage(7002)]);
  await other.close();
  await expectSameLists(codes, whole, { of: "0/7002.png" });
  await expectSameLists(codes, whole, { of: "0/36.png" });
});

test("where codes fail, or nothing can search them, an index is held whole, and the first is said", async () => {
  await fill();
  // (module): a kernel without its function.
  const broken = new wasm.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  const [failing, whole] = [await opened({ codesFrom: 0, kernel: (): WasmModule => broken }), await plain()];
  const [found, expected] = [await listsOf(failing, { of: "0/6.png" }), await listsOf(whole, { of: "0/6.png" })];
  expect(found).toEqual(expected);
  expect(found.small).toBe(false);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain("without codes");
});

test("a large index is held as codes by itself, and one that has no room in memory as float32 too", async () => {
  await fill();
  const bytes = 4 * CODED_DIM * COUNT;
  expect((await listsOf(await opened({ codesFrom: bytes }), { of: "0/6.png" })).small).toBe(true);
  expect((await listsOf(await opened({ codesFrom: bytes + 1 }), { of: "0/6.png" })).small).toBe(false);
  const tight = await opened({ memory: bytes / 2 });
  expect(await tight.isHeld()).toBe(true);
  expect((await listsOf(tight, { of: "0/6.png" })).small).toBe(true);
  const neither = await opened({ memory: bytes / 8 });
  expect(await neither.count()).toBe(COUNT);
  expect(await neither.isHeld()).toBe(false);
  const last = await opened({ memory: bytes / 2, kernel: () => null });
  expect(await last.isHeld()).toBe(false);
  expect(warnings).toEqual([]);
});
