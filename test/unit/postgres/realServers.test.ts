/** What only real servers show: a replica that follows its primary, a disk that is full, and a password that is wrong. */
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { postgresPlace } from "../../../src/core/index/postgres/postgresPlace.ts";
import type { EmbeddedImage, Store } from "../../../src/core/index/store.ts";
import {
  type PostgresServer,
  postgresPrograms,
  serverUser,
  startPostgres,
  startReplica,
} from "../../fixtures/postgresServer.ts";

const DIM = 64;
const reason = postgresPrograms === undefined ? " (skipped: PostgreSQL is not installed)" : "";
/** A small file system needs the right to mount one. */
const mayMount = process.platform === "linux" && process.getuid?.() === 0;

const image = (path: string, content: number): EmbeddedImage => ({
  image: { path, mtimeMs: 1.5, ctimeMs: 2.5, size: 3, hash: Buffer.alloc(32, content), width: 4, height: 5 },
  embedding: Float32Array.from({ length: DIM }, (_, i) => Math.sin(content + i)),
});

describe.skipIf(postgresPrograms === undefined)(`real servers${reason}`, () => {
  let root: string;
  let server: PostgresServer;
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "lookalike-servers-"));
    chmodSync(root, 0o755);
    const rules = join(root, "hba.conf");
    const trusted = ["host all lookalike localhost trust", "host replication lookalike localhost trust"];
    writeFileSync(rules, `${trusted.join("\n")}\nhost all all localhost scram-sha-256\n`);
    server = await startPostgres([`hba_file=${rules}`]);
  });
  afterAll(async () => {
    for (const close of closing.reverse()) await close();
    await server?.remove();
    rmSync(root, { recursive: true, force: true });
  });

  async function open(address: string): Promise<Store> {
    const place = await postgresPlace("/", address, { warn: () => {} });
    closing.push(() => place.close());
    return place.openStore({ folder: "/", fingerprint: "a".repeat(64), model: "tiny", dim: DIM }, () => {});
  }

  test("a streaming replica is searched, sees what the primary gets, and is not written", async () => {
    const primary = await open(server.address("followed"));
    await primary.put([image("a.png", 1)]);
    const replica = await startReplica(server);
    closing.push(() => replica.remove());
    await expect.poll(() => replica.sql("select pg_is_in_recovery() as is")).toEqual([{ is: true }]);
    const copy = await open(replica.address("followed"));
    expect(await copy.count()).toBe(1);
    const before = await copy.following!.mark();
    await primary.put([image("b.png", 2)]);
    await expect.poll(() => copy.count(), { timeout: 20_000 }).toBe(2);
    const seen: string[] = [];
    for await (const { path } of copy.following!.since(before)) seen.push(path);
    expect(seen).toContain("b.png");
    expect(await copy.health()).toMatchObject({ rows: 2, duplicates: 0, integrity: "ok" });
    await expect(copy.put([image("c.png", 3)])).rejects.toThrow(/read-only copy: it can be searched, and not written/);
    // Of a folder that was never indexed there is nothing to search, and nothing can be made there.
    await expect(open(replica.address("never indexed"))).rejects.toThrow(/read-only copy/);
  }, 120_000);

  test.skipIf(!mayMount)(
    "a disk that is full: it is said, what was acknowledged stays, and work goes on with more room",
    async () => {
      const store = await open(server.address("full"));
      const disk = join(root, "disk");
      mkdirSync(disk);
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "none", disk]);
      closing.push(async () => {
        await server.stop("SIGQUIT");
        execFileSync("umount", ["--lazy", disk]);
      });
      const { uid, gid } = serverUser();
      chownSync(disk, uid!, gid!);
      chmodSync(disk, 0o700);
      await server.sql(`create tablespace small location '${disk}'`);
      for (let part = 0; part < 8; part++) await server.sql(`alter table lookalike.image_${part} set tablespace small`);
      let acknowledged = 0;
      const fill = async () => {
        for (let i = 0; i < 400; i++) {
          const batch = Array.from({ length: 64 }, (_, j) => image(`${acknowledged + j}.png`, j));
          await store.put(batch);
          acknowledged += batch.length;
        }
      };
      await expect(fill()).rejects.toThrow(/cannot grow: its disk is full. What was indexed is kept; make room there/);
      expect(acknowledged).toBeGreaterThan(64);
      expect(await store.health()).toMatchObject({ rows: acknowledged, duplicates: 0, orphans: 0, integrity: "ok" });
      execFileSync("mount", ["-o", "remount,size=64m", disk]);
      await store.put([image("more.png", 1)]);
      expect(await store.count()).toBe(acknowledged + 1);
    },
    120_000,
  );

  test("a wrong password, none, and a database that is not there: what to do is said, and no password is shown", async () => {
    const secret = "s3cr3t%40/:é";
    await server.sql(`create role ann login password '${secret}'`);
    const address = server.address("a", { user: "ann" });
    // What is shown of an error anywhere: its text, its causes, and all that hangs on them.
    const told = async (at: string) =>
      inspect(await open(at).catch((error: unknown) => error), { depth: 20, showHidden: true });
    vi.stubEnv("PGPASSFILE", join(root, "none"));
    try {
      vi.stubEnv("PGPASSWORD", undefined);
      expect(await told(address)).toMatch(/asks for a password|refuses this user/);
      vi.stubEnv("PGPASSWORD", `${secret}!`);
      const wrong = await told(address);
      expect(wrong).toMatch(/refuses this user.*Set Database Password/);
      expect(wrong).not.toContain("s3cr3t");
      vi.stubEnv("PGPASSWORD", secret);
      const missing = await told(address.replace("/postgres?", "/nowhere?"));
      expect(missing).toMatch(/is not there .*nowhere.*Create it, or correct the address/);
      expect(missing).not.toContain("s3cr3t");
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
