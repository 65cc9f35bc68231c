/** The command line on an index in a PostgreSQL that the test starts: what works locally works there. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { PostgresStore } from "../../../src/core/index/postgres/postgresStore.ts";
import { EmbedderPool, FolderIndex, openEmbedder } from "../../../src/core/index.ts";
import type { IndexSummary, SetupReport, SimilarResult } from "../../../src/shared/index.ts";
import { type PostgresServer, postgresPrograms, startPostgres } from "../../fixtures/postgresServer.ts";
import { CommandLine } from "./commandLine.ts";

const IMAGES = 80;
const reason = postgresPrograms === undefined ? " (skipped: PostgreSQL is not installed)" : "";

describe.skipIf(postgresPrograms === undefined)(`an index in PostgreSQL${reason}`, () => {
  let server: PostgresServer;
  let line: CommandLine;
  beforeAll(async () => {
    [server, line] = await Promise.all([startPostgres(), CommandLine.withImages(IMAGES)]);
  });
  afterAll(async () => {
    line?.remove();
    await server?.remove();
  });

  test("four parts at once, one of them killed and run again: every image once, the vectors of a local run", async () => {
    const place = server.address("photos");
    const shard = (i: number) => line.start("index", line.folder, "--index", place, "--shard", `${i}/4`);
    const all = [0, 1, 2, 3].map(shard);
    const local = line.run("index", line.folder, "--index", line.local);
    await Promise.race(all.map(({ ended }) => ended));
    all.find(({ child }) => child.exitCode === null)?.child.kill("SIGKILL");
    const ends = await Promise.all(all.map(({ ended }) => ended));
    const summaries: IndexSummary[] = [];
    for (const [i, { printed, how }] of ends.entries()) {
      summaries.push(how === "SIGKILL" ? JSON.parse((await shard(i).ended).printed) : JSON.parse(printed));
    }
    for (const { model } of summaries) expect(model.name).toBe("tiny+adapted");
    expect((await local) as IndexSummary).toMatchObject({ indexed: IMAGES });
    expect(await line.run("index", line.folder, "--index", place)).toMatchObject({ indexed: 0, unchanged: IMAGES });
    expect(await line.run("index", line.folder, "--index", place, "--finish")).toMatchObject({ rows: IMAGES });
    const { index } = (await line.run("doctor", "--in", line.folder, "--index", place)) as SetupReport;
    expect(index).toMatchObject({
      kind: "postgres",
      rows: IMAGES,
      duplicates: 0,
      orphans: 0,
      integrity: "ok",
      recall: 1,
    });
    expect(index!.version).toBeGreaterThan(0);
    expect(index!.latency).toBeGreaterThan(0);

    // Nothing to copy, so all vectors are the same; the adapted models have to be, too.
    expect(await line.run("index", line.folder, "--index", place, "--copy-from", line.local)).toMatchObject({
      copied: 0,
      already: IMAGES,
      proof: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  }, 120_000);

  test("a search, the maps, the copies and the export are those of a local index, and it is copied back", async () => {
    const place = server.address("copied");
    const copy = (await line.run("index", line.folder, "--index", place, "--copy-from", line.local)) as {
      proof: string;
    };
    expect(copy).toMatchObject({ copied: IMAGES, images: IMAGES });
    const back = await line.run("index", line.folder, "--index", join(line.root, "back"), "--copy-from", place);
    expect(back).toMatchObject({ copied: IMAGES, proof: copy.proof });
    const similar = async (index: string, ...more: string[]) =>
      (await line.run(
        "similar",
        join(line.folder, "7.png"),
        "--in",
        line.folder,
        "--index",
        index,
        ...more,
      )) as SimilarResult;
    expect(await similar(place)).toEqual(await similar(line.local));
    const written = async (command: string, index: string, name: string, ...more: string[]) => {
      const out = join(line.root, name);
      await line.run(command, line.folder, "--index", index, "--out", out, ...more);
      return readFileSync(out, "utf8");
    };
    expect(await written("export", place, "remote.csv")).toBe(await written("export", line.local, "local.csv"));
    const few = ["--descriptor", "combined", "--neighbours", "5"];
    expect(await written("project", place, "remote-map.csv", ...few)).toBe(
      await written("project", line.local, "local-map.csv", ...few),
    );
    const copies = (index: string) => line.run("duplicates", line.folder, "--index", index);
    expect(await copies(place)).toEqual(await copies(line.local));
    expect(readdirSync(join(line.root, "data", "lookalike", "remote"))).toHaveLength(2);
  }, 120_000);

  test("a machine without the files searches, and shows the thumbnails that an indexer stored", async () => {
    const place = server.address("shared");
    await line.run("index", line.folder, "--index", place, "--share-thumbnails");
    const elsewhere = join(line.root, "elsewhere");
    mkdirSync(elsewhere);
    vi.stubEnv("XDG_DATA_HOME", join(line.root, "another user"));
    const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
    const index = await FolderIndex.open(elsewhere, pool, line.model, { location: place });
    try {
      // The adapted model came with the index.
      expect((await index.status()).model.name).toBe("tiny+adapted");
      const image = join(elsewhere, "7.png");
      const found = await index.similar({ examples: [{ image, sign: 1 }], k: 5 });
      const local = (await line.run(
        "similar",
        join(line.folder, "7.png"),
        "--in",
        line.folder,
        "--index",
        line.local,
        "-k",
        "5",
      )) as SimilarResult;
      expect(found.results).toEqual(local.results);
      const thumbnail = await index.thumbnail(image, 128);
      expect(thumbnail).toMatchObject({ width: 8, height: 8 });
      expect(Buffer.from(thumbnail.bytes).subarray(8, 12).toString()).toBe("WEBP");
      // Past memory, and without pgvector, all of it is read.
      const large = await FolderIndex.open(elsewhere, pool, line.model, { location: place, memory: 1 });
      expect((await large.similar({ examples: [{ image, sign: 1 }], k: 5 })).results).toEqual(local.results);
      expect(await large.measure()).toMatchObject({ recall: 1 });
      await large.close();
      // What others add and remove is there at the next search, and the rest is not read again.
      const read = vi.spyOn(PostgresStore.prototype, "embeddings");
      copyFileSync(join(line.folder, "7.png"), join(line.folder, "copy of 7.png"));
      rmSync(join(line.folder, "3.png"));
      vi.unstubAllEnvs();
      expect(await line.run("index", line.folder, "--index", place)).toMatchObject({ indexed: 1, removed: 1 });
      vi.stubEnv("XDG_DATA_HOME", join(line.root, "another user"));
      const followed = await index.similar({ examples: [{ image, sign: 1 }], k: IMAGES });
      const paths = followed.results.combined!.map(({ path }) => path);
      expect(paths[0]).toBe("copy of 7.png");
      expect(paths).not.toContain("3.png");
      expect(paths).toHaveLength(IMAGES - 1);
      expect(read).not.toHaveBeenCalled();
      read.mockRestore();
      await expect(index.explain({ query: image, result: image })).rejects.toThrow(
        /7\.png: the file is gone.*may not have the files of this shared index/,
      );
      // A folder without its files is no reason to forget them.
      await expect(index.update()).rejects.toThrow(/gone at once/);
      expect((await index.health()).rows).toBe(IMAGES);
    } finally {
      await index.close();
      await pool.release();
      vi.unstubAllEnvs();
    }
  }, 120_000);
});
