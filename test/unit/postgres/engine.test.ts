/** The engine on an index in a database that asks for a password, as a window uses it. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FolderStatus, PASSWORD_WANTED } from "../../../src/shared/index.ts";
import { type EngineProcess, startEngine } from "../../fixtures/engineProcess.ts";
import { like } from "../../fixtures/like.ts";
import { type PostgresServer, postgresPrograms, startPostgres } from "../../fixtures/postgresServer.ts";
import { tinyModel } from "../../fixtures/tinyModel.ts";

const SOON = { timeout: 20_000 };
const reason = postgresPrograms === undefined ? " (skipped: PostgreSQL is not installed)" : "";

describe.skipIf(postgresPrograms === undefined)(`a window on a database${reason}`, () => {
  let root: string;
  let server: PostgresServer;
  let engine: EngineProcess;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "lookalike-window-"));
    chmodSync(root, 0o755);
    const rules = join(root, "hba.conf");
    writeFileSync(rules, "host all lookalike localhost trust\nhost all all localhost scram-sha-256\n");
    mkdirSync(join(root, "images"));
    writeFileSync(join(root, "tiny.onnx"), tinyModel("tiny", "SMG"));
    for (let i = 0; i < 12; i++) {
      const background = { r: 20 * i, g: 250 - 20 * i, b: 7 * i };
      await sharp({ create: { width: 8, height: 8, channels: 3, background } })
        .png()
        .toFile(join(root, "images", `${i}.png`));
    }
    server = await startPostgres([`hba_file=${rules}`]);
    await server.sql("create role ann login superuser password 'correct horse'");
    engine = startEngine(join(root, "tiny.onnx"), join(root, "data"));
  });
  afterAll(async () => {
    engine?.kill();
    await server?.remove();
    rmSync(root, { recursive: true, force: true });
  });

  test("asks for the password, indexes, searches, shows, tells what there is, and deletes", async () => {
    const location = server.address("*", { user: "ann" });
    const place = { folder: join(root, "images"), location, device: "cpu" as const };
    const key = `ann@localhost:${server.port}/postgres`;
    await expect(engine.ask("folder/status", place)).rejects.toThrow(/password.*Set Database Password/);
    await expect(engine.ask("folder/status", place)).rejects.toMatchObject({ code: PASSWORD_WANTED });
    await engine.ask("index/password", { server: key, password: "wrong horse" });
    const refused = await engine.ask("folder/status", place).catch((error: unknown) => String(error));
    expect(refused).toMatch(/refuses this user.*Set Database Password/);
    expect(refused).not.toContain("wrong horse");
    await engine.ask("index/password", { server: key, password: "correct horse" });

    expect(await engine.ask("folder/index", { ...place, shareThumbnails: true })).toMatchObject({ indexed: 12 });
    const image = join(root, "images", "7.png");
    const { results } = await engine.ask("image/similar", { ...place, ...like(image, 3) });
    expect(["6.png", "8.png"]).toContain(results.combined![0]!.path);
    expect((await engine.ask("image/thumbnail", { ...place, image, size: 32 })).bytes).toBeInstanceOf(Uint8Array);
    expect(await server.sql("select 1 from lookalike.thumbnail")).toHaveLength(12);
    expect(await engine.ask("index/details", place)).toMatchObject({
      place: location,
      current: { rows: 12, skipped: 0, damaged: false },
      others: [],
    });
    const { index } = await engine.ask("setup/check", { folder: place.folder, location, device: "cpu" });
    expect(index).toMatchObject({ kind: "postgres", rows: 12, duplicates: 0, recall: 1 });

    // What others do is told without a question; asked as a window asks.
    const told: FolderStatus[] = [];
    engine.connection.onNotification("folder/changed", (status: FolderStatus) => void told.push(status));
    await engine.ask("folder/status", { ...place, refresh: 3600 });
    await expect
      .poll(() => server.sql("select 1 from pg_stat_activity where query like 'select index_id as id%'"), SOON)
      .toHaveLength(1);
    await server.sql(`with one as (select i.* from lookalike.image i where path = '7.png')
      insert into lookalike.image select index_id, 'copy.png', mtime_ms, ctime_ms, size, hash, width, height, partial, branches, crc from one`);
    await server.sql(
      "update lookalike.change set writes = writes + 1; select pg_notify('lookalike', id || ' 1') from lookalike.indexes",
    );
    await expect
      .poll(() => told, SOON)
      .toMatchObject([{ folder: place.folder, indexed: 13, byOthers: true, progress: null }]);
    // Of another interval it is not told twice, and of none not at all.
    await engine.ask("folder/status", { ...place, refresh: 0 });
    await expect
      .poll(() => server.sql("select 1 from pg_stat_activity where query like 'select index_id as id%'"), SOON)
      .toEqual([]);
    await server.sql("delete from lookalike.image where path = 'copy.png'");

    // Another folder of the same name would take its images out.
    mkdirSync(join(root, "more", "images"), { recursive: true });
    const other = { ...place, folder: join(root, "more", "images") };
    await expect(engine.ask("folder/status", other)).rejects.toThrow(/would both be images.*a name of its own/);

    await engine.ask("index/remove", place);
    expect(await server.sql("select 1 from lookalike.image union all select 1 from lookalike.thumbnail")).toEqual([]);
    expect((await engine.ask("index/details", place)).current).toBeNull();
  }, 120_000);
});
