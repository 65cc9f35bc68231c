import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pLimit from "p-limit";
import { afterAll, afterEach, expect, test } from "vitest";
import { insideOf } from "../../../src/core/folder/queryParts.ts";
import { Searchable, type SearchableOptions } from "../../../src/core/folder/searchable.ts";
import { localPlaceAt } from "../../../src/core/index/localPlace.ts";
import { openSqliteStore } from "../../../src/core/index/openSqliteStore.ts";
import type { EmbeddedImage } from "../../../src/core/index/store.ts";
import { Random } from "../../../src/core/neighbours/random.ts";
import type { Embedder } from "../../../src/core/runtime/index.ts";
import { type WasmModule, wasm } from "../../../src/core/search/coarse/webAssembly.ts";

const DIMS = [48, 32];
const COUNT = 1200;
const SHARES = [0.3, 0.7];
const root = mkdtempSync(join(tmpdir(), "lookalike-codes-"));
const file = join(root, `${"f".repeat(16)}.sqlite`);
const identity = { folder: root, fingerprint: "f".repeat(64), model: "made up", dim: 80 };
const open: Searchable[] = [];
const warnings: string[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  warnings.length = 0;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What is searched needs no model, only its branches. */
const embedder = {
  dim: 80,
  summary: { name: "made up", fingerprint: identity.fingerprint, descriptors: ["spoc", "mac"] },
  manifest: { descriptors: DIMS.map((dim, b) => ({ name: ["spoc", "mac"][b]!, dim })) },
} as unknown as Embedder;

async function opened(options: Partial<SearchableOptions> = {}): Promise<Searchable> {
  const warn = (message: string) => void warnings.push(message);
  const searchable = await Searchable.open(root, localPlaceAt(root), embedder, { warn, ...options });
  open.push(searchable);
  return searchable;
}
const coded = () => opened({ codesFrom: 0 });
const plain = () => opened({ kernel: () => null });

function image(i: number, seed = i): EmbeddedImage {
  const random = new Random(seed + 1);
  const embedding = Float32Array.from({ length: 80 }, (_, j) =>
    Math.fround(Math.round(99 * (random.unit() - 0.5) + Math.sin(j + (i % 7)) * 40) / 128),
  );
  const hash = new Uint8Array(32);
  new DataView(hash.buffer).setUint32(0, seed);
  const record = { path: `${i % 6}/${i}.png`, mtimeMs: seed, ctimeMs: seed, size: seed, hash, width: 8, height: 8 };
  return { image: record, embedding };
}

async function fill(): Promise<void> {
  rmSync(file, { force: true });
  const store = openSqliteStore(file, identity, () => {});
  await store.put(Array.from({ length: COUNT }, (_, i) => image(i)));
  await store.close();
}

interface Asked {
  readonly of: string;
  readonly k?: number;
  readonly under?: string;
  readonly accepts?: (path: string) => boolean;
}

async function lists(searchable: Searchable, { of, k = 30, under, accepts }: Asked) {
  const branches = (await searchable.stored(of))!;
  const gallery = await searchable.candidates(branches, k, SHARES, under, accepts);
  const within = insideOf(gallery, under, accepts);
  const result = await searchable.search.run(branches, gallery, k, { shares: SHARES, within });
  const named = result.map(({ top, scores }) => top.map((row) => [gallery.pathOf(row), scores[row]] as const));
  const kinds = await searchable.kindsTogether(branches, gallery, result.at(-1)!.top, SHARES);
  return {
    named,
    kinds: kinds.map((row) => gallery.pathOf(row)),
    small: gallery.count < (await searchable.count()) / 2,
  };
}

async function expectSame(one: Searchable, other: Searchable, asked: Asked): Promise<void> {
  const [found, expected] = [await lists(one, asked), await lists(other, asked)];
  expect(found.small).toBe(true);
  expect(expected.small).toBe(false);
  expect(found.named).toEqual(expected.named);
  expect(found.kinds).toEqual(expected.kinds);
}

test("an index held as codes gives the lists, the kinds and the chance of one held whole", async () => {
  await fill();
  const [codes, whole] = [await coded(), await plain()];
  await expectSame(codes, whole, { of: "0/6.png" });
  await expectSame(codes, whole, { of: "5/11.png", k: 120, under: "3" });
  await expectSame(codes, whole, { of: "1/7.png", accepts: (path) => path.endsWith("1.png") });
  expect((await codes.chance())!.limits(SHARES)).toEqual((await whole.chance())!.limits(SHARES));
  expect(await codes.stored("0/6.png")).toEqual(await whole.stored("0/6.png"));
  expect(await codes.stored("0/7.png")).toBeUndefined();
  expect(warnings).toEqual([]);
});

test("codes follow what this process stores and what another one does", async () => {
  await fill();
  const [codes, whole] = [await coded(), await plain()];
  await expectSame(codes, whole, { of: "0/6.png" });
  const [changed, gone] = [
    [image(12, 77), image(18, 78), image(6000)],
    ["0/24.png", "0/30.png"],
  ];
  await codes.store.put(changed);
  const records = (await codes.store.images()).filter(({ path }) => gone.includes(path));
  await codes.store.remove(records);
  // Between the store and the observer others may search: no score may be one of before.
  const between = (await lists(codes, { of: "0/18.png", k: 100 })).named[0]!;
  const scores = new Map((await lists(whole, { of: "0/18.png", k: COUNT })).named[0]!);
  for (const [path, score] of between) expect(score).toBe(scores.get(path));
  const observer = codes.observer(pLimit(1));
  await observer.stored(changed);
  await observer.dropped(gone);
  for (const of of ["0/12.png", "0/6000.png"]) {
    await expectSame(codes, whole, { of });
    expect((await lists(codes, { of })).named[0]![0]![0]).toBe(of);
  }
  expect(await codes.stored("0/24.png")).toBeUndefined();
  const other = openSqliteStore(file, identity, () => {});
  await other.put([image(36, 79), image(7002)]);
  await other.close();
  await expectSame(codes, whole, { of: "0/7002.png" });
  await expectSame(codes, whole, { of: "0/36.png" });
});

test("where codes fail, or nothing can search them, an index is held whole, and the first is said", async () => {
  await fill();
  // (module): a kernel without its function.
  const broken = new wasm.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  const [failing, whole] = [await opened({ codesFrom: 0, kernel: (): WasmModule => broken }), await plain()];
  const [found, expected] = [await lists(failing, { of: "0/6.png" }), await lists(whole, { of: "0/6.png" })];
  expect(found).toEqual(expected);
  expect(found.small).toBe(false);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain("without codes");
});

test("a large index is held as codes by itself, and one that has no room in memory as float32 too", async () => {
  await fill();
  const bytes = 4 * 80 * COUNT;
  expect((await lists(await opened({ codesFrom: bytes }), { of: "0/6.png" })).small).toBe(true);
  expect((await lists(await opened({ codesFrom: bytes + 1 }), { of: "0/6.png" })).small).toBe(false);
  const tight = await opened({ memory: bytes / 2 });
  expect(await tight.isHeld()).toBe(true);
  expect((await lists(tight, { of: "0/6.png" })).small).toBe(true);
  const neither = await opened({ memory: bytes / 8 });
  expect(await neither.count()).toBe(COUNT);
  expect(await neither.isHeld()).toBe(false);
  const last = await opened({ memory: bytes / 2, kernel: () => null });
  expect(await last.isHeld()).toBe(false);
  expect(warnings).toEqual([]);
});
