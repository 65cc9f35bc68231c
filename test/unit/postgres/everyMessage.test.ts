/** An indexing run whose connection breaks at one of its messages to the server: before it arrives, or before its answer does. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { EmbedderPool, FolderIndex, openEmbedder } from "../../../src/core/index.ts";
import { CutNetwork } from "../../fixtures/cutNetwork.ts";
import { type PostgresServer, postgresPrograms, startPostgres } from "../../fixtures/postgresServer.ts";
import { CommandLine } from "./commandLine.ts";

const IMAGES = 24;
/** Messages from one break to the next; all of them take minutes. */
const STEP = 41;
const reason = postgresPrograms === undefined ? " (skipped: PostgreSQL is not installed)" : "";

describe.skipIf(postgresPrograms === undefined)(`a connection that breaks anywhere${reason}`, () => {
  let server: PostgresServer;
  let line: CommandLine;
  let network: CutNetwork;
  let pool: EmbedderPool;
  beforeAll(async () => {
    [server, line] = await Promise.all([startPostgres(), CommandLine.withImages(IMAGES)]);
    network = await CutNetwork.before(server.port);
    vi.stubEnv("XDG_DATA_HOME", join(line.root, "own"));
    pool = new EmbedderPool((file) => openEmbedder(file, { device: "cpu" }));
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await pool?.release();
    await network?.close();
    await server?.remove();
    line?.remove();
  });

  /** Indexes into a place of its own. @returns messages that it took */
  async function indexAnew(name: string): Promise<number> {
    const location = server.address(name, { port: network.port });
    const index = await FolderIndex.open(line.folder, pool, line.model, { location });
    try {
      await index.update();
      const { messages } = network;
      expect(await index.health(), name).toMatchObject({ rows: IMAGES, duplicates: 0, orphans: 0, integrity: "ok" });
      return messages;
    } finally {
      await index.close();
    }
  }

  test("every image is there once, wherever it was", async () => {
    network.breakAt(undefined);
    const messages = await indexAnew("whole");
    expect(messages).toBeGreaterThan(2 * STEP);
    for (let at = 1; at < messages; at += STEP) {
      for (const when of ["before", "after"] as const) {
        network.breakAt({ message: at, when });
        await indexAnew(`${at} ${when}`);
      }
    }
  }, 300_000);
});
