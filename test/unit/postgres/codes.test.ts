/** An index of a database that is held as codes, whose rows are read from the server again. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Searchable, type SearchableOptions } from "../../../src/core/folder/searchable.ts";
import type { IndexPlace } from "../../../src/core/index/place.ts";
import { postgresPlace } from "../../../src/core/index/postgres/postgresPlace.ts";
import {
  CODED_DIM,
  CODED_FINGERPRINT,
  CODED_SHARES,
  codedEmbedder,
  codedImage,
  expectSameLists,
  listsOf,
} from "../../fixtures/codedIndex.ts";
import { type PostgresServer, postgresPrograms, startPostgres } from "../../fixtures/postgresServer.ts";

const COUNT = 1200;
const IDENTITY = { folder: "/", fingerprint: CODED_FINGERPRINT, model: "made up", dim: CODED_DIM };
const warnings: string[] = [];
const cleanUp: (() => Promise<void>)[] = [];

async function placeAt(address: string): Promise<IndexPlace> {
  const place = await postgresPlace("/", address, { warn: (message) => warnings.push(message) });
  cleanUp.push(() => place.close());
  return place;
}

async function opened(address: string, options: Partial<SearchableOptions>): Promise<Searchable> {
  const warn = (message: string) => void warnings.push(message);
  const searchable = await Searchable.open("/", await placeAt(address), codedEmbedder, { warn, ...options });
  cleanUp.push(() => searchable.close());
  return searchable;
}

async function storeAt(address: string) {
  return (await placeAt(address)).openStore(IDENTITY, () => {});
}

afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
  warnings.length = 0;
});

const reason = postgresPrograms === undefined ? " (skipped: PostgreSQL is not installed)" : "";

describe.skipIf(postgresPrograms === undefined)(`codes of an index in PostgreSQL${reason}`, () => {
  let server: PostgresServer;
  let address: string;
  let folders = 0;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.remove());
  beforeEach(async () => {
    address = server.address(`codes ${++folders}`);
    await (await storeAt(address)).put(Array.from({ length: COUNT }, (_, i) => codedImage(i)));
  });

  test("lists, kinds and chance are those of one held whole", async () => {
    const [codes, whole] = [await opened(address, { codesFrom: 0 }), await opened(address, { kernel: () => null })];
    await expectSameLists(codes, whole, { of: "0/6.png" });
    await expectSameLists(codes, whole, { of: "5/11.png", k: 120, under: "3" });
    await expectSameLists(codes, whole, { of: "1/7.png", accepts: (path) => path.endsWith("1.png") });
    expect((await codes.chance())!.limits(CODED_SHARES)).toEqual((await whole.chance())!.limits(CODED_SHARES));
    expect(await codes.stored("0/6.png")).toEqual(await whole.stored("0/6.png"));
    expect(await codes.stored("0/7.png")).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  test("what others add, change and remove is in the next list, and so are rows that nobody can trust", async () => {
    const [codes, whole] = [await opened(address, { codesFrom: 0 }), await opened(address, { kernel: () => null })];
    await expectSameLists(codes, whole, { of: "0/6.png" });
    const others = await storeAt(address);
    await others.put([codedImage(36, 79), codedImage(7002)]);
    await others.remove((await others.images()).filter(({ path }) => path === "0/24.png"));
    for (const of of ["0/7002.png", "0/36.png"]) await expectSameLists(codes, whole, { of });
    expect(await codes.stored("0/24.png")).toBeUndefined();
    // Damage leaves no trace among the changes: what is read is judged by its checksum.
    await server.sql("update lookalike.image set crc = 0 where path = '0/36.png'");
    const { named } = await listsOf(codes, { of: "0/7002.png", k: COUNT / 3 });
    for (const list of named) expect(list.map(([path]) => path)).not.toContain("0/36.png");
  });

  test("a server that crashes in the middle of a search answers it when it is back", async () => {
    const [codes, whole] = [await opened(address, { codesFrom: 0 }), await opened(address, { kernel: () => null })];
    await expectSameLists(codes, whole, { of: "0/6.png" });
    const expected = await listsOf(whole, { of: "0/12.png" });
    await server.stop("SIGQUIT");
    const [found] = await Promise.all([listsOf(codes, { of: "0/12.png" }), sleep(500).then(() => server.start())]);
    expect(found.named).toEqual(expected.named);
    expect(warnings.join("\n")).toContain("does not answer");
  });
});
