/** The command line on an index in a PostgreSQL that the test starts: what works locally works there. */
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  }, 300_000);

  test("a search, the maps, the copies and the export are those of a local index, and it is copied back", async () => {
    const place = server.address("copied");
    const copy = (await line.run("index", line.folder, "--index", place, "--copy-from", line.local)) as {
      proof: string;
    };
    expect(copy).toMatchObject({ copied: IMAGES, images: IMAGES });
    const back = await line.run("index", line.folder, "--index", join(line.root, "back"), "--copy-from", place);
    expect(back).toMatchObject({ copied: IMAGES, proof: copy.proof });
    /** What is printed of both indexes. */
    const expectSame = async (of: (index: string) => Promise<unknown>) => {
      const [there, here] = await Promise.all([of(place), of(line.local)]);
      expect(there).toEqual(here);
    };
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
    await expectSame(similar);
    const written = async (index: string, command: string, name: string, ...more: string[]) => {
      const out = join(line.root, `${index === place ? "remote" : "local"}-${name}`);
      await line.run(command, line.folder, "--index", index, "--out", out, ...more);
      return readFileSync(out, "utf8");
    };
    await expectSame((index) => written(index, "export", "vectors.csv"));
    const few = ["--descriptor", "combined", "--neighbours", "5"];
    await expectSame((index) => written(index, "project", "map.csv", ...few));
    await expectSame((index) => line.run("duplicates", line.folder, "--index", index));
    const labels = join(line.root, "labels.csv");
    const kinds = Array.from({ length: IMAGES }, (_, i) => `${i}.png,kind ${i % 7}`);
    writeFileSync(labels, `path,label\n${kinds.join("\n")}\n`);
    await expectSame((index) => line.run("labels", line.folder, "--index", index, "--labels", labels));
    await expectSame(async (index) =>
      withoutTimes(await line.run("evaluate", line.folder, "--index", index, "--labels", labels)),
    );
    expect(readdirSync(join(line.root, "data", "lookalike", "remote"))).toHaveLength(2);

    // A copy that was stopped, or lost rows since, goes on.
    await server.sql("delete from lookalike.image where path like '1%'");
    expect(await line.run("index", line.folder, "--index", place, "--copy-from", line.local)).toMatchObject({
      copied: 11,
      already: IMAGES - 11,
      proof: copy.proof,
    });
  }, 300_000);

  test("an adapted model of others is proven before it is loaded", async () => {
    const place = server.address("hostile");
    await line.run("index", line.folder, "--index", place, "--copy-from", line.local);
    vi.stubEnv("XDG_DATA_HOME", join(line.root, "a third user"));
    const pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
    const warnings: string[] = [];
    /** @returns the name of the model that is used */
    const used = async () => {
      const options = { location: place, warn: (message: string) => warnings.push(message) };
      const index = await FolderIndex.open(line.folder, pool, line.model, options);
      const { model } = await index.status();
      await index.close();
      return model.name;
    };
    const replace = (bytes: Buffer) =>
      server.sql("update lookalike.model set bytes = $1, fingerprint = $2 where folder = 'hostile'", [
        bytes,
        createHash("sha256").update(bytes).digest("hex"),
      ]);
    try {
      // Whoever may write there writes the checksum as well.
      const tampered = "set bytes = overlay(bytes placing 'xx' from length(bytes) / 2)";
      await server.sql(`update lookalike.model ${tampered} where folder = 'hostile'`);
      expect(await used()).toBe("tiny");
      expect(warnings.pop()).toMatch(/is not what was written.*index with --rebuild/);
      await replace(Buffer.from("no model"));
      expect(await used()).toBe("tiny");
      expect(warnings.pop()).toMatch(/is not an ONNX file/);
      await replace(readFileSync(line.model));
      expect(await used()).toBe("tiny");
      expect(warnings.pop()).toMatch(/was adapted from another model/);
      const kept = readdirSync(join(line.root, "a third user", "lookalike", "remote"), { recursive: true });
      expect(kept.filter((name) => String(name).endsWith(".onnx"))).toEqual([]);
      // Nothing is embedded with another model than was meant, and a rebuild mends it.
      await expect(line.run("index", line.folder, "--index", place)).rejects.toThrow(/was adapted from another model/);
      expect(await line.run("index", line.folder, "--index", place, "--rebuild")).toMatchObject({
        model: { name: "tiny+adapted" },
      });
      expect(await used()).toBe("tiny+adapted");
      expect(warnings).toEqual([]);
    } finally {
      await pool.release();
      vi.unstubAllEnvs();
    }
  }, 300_000);

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
  }, 300_000);
});

/** What a run took, and where, is its own. */
function withoutTimes(report: unknown): unknown {
  const own = /seconds|date|made|location|place|version/i;
  return JSON.parse(JSON.stringify(report, (key, value) => (own.test(key) ? undefined : value)));
}
