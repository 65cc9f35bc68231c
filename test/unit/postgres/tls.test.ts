/** Over TLS: a server is believed only with a certificate that somebody vouches for, for its own name. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAddress } from "../../../src/core/index/postgres/address.ts";
import { Database } from "../../../src/core/index/postgres/database.ts";
import { type PostgresServer, postgresPrograms, serverUser, startPostgres } from "../../fixtures/postgresServer.ts";

const missing =
  postgresPrograms === undefined ? "PostgreSQL" : spawnSync("openssl", ["version"]).error ? "openssl" : null;

describe.skipIf(missing !== null)(`TLS${missing === null ? "" : ` (skipped: ${missing} is not installed)`}`, () => {
  let root: string;
  let server: PostgresServer;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), "lookalike-tls-"));
    chmodSync(root, 0o755);
    const [key, certificate] = [join(root, "key.pem"), join(root, "certificate.pem")];
    const asked = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2", "-nodes"];
    const made = ["req", "-x509", "-newkey", "rsa:2048", ...asked, "-keyout", key, "-out", certificate];
    execFileSync("openssl", made, { stdio: "pipe" });
    const { uid, gid } = serverUser();
    if (uid !== undefined) for (const file of [key, certificate]) chownSync(file, uid, gid!);
    chmodSync(key, 0o600);
    server = await startPostgres(["ssl=on", `ssl_cert_file=${certificate}`, `ssl_key_file=${key}`]);
  });
  afterAll(async () => {
    await server?.remove();
    rmSync(root, { recursive: true, force: true });
  });

  /** @returns whether the connection is encrypted */
  async function encrypted(rest: string, host = "localhost"): Promise<boolean> {
    const address = server.address("a").replace("localhost", host);
    const database = await Database.connect(readAddress(`${address}&${rest}`, {}));
    try {
      const [row] = await database.query<{ has: boolean }>(
        "select ssl as has from pg_stat_ssl where pid = pg_backend_pid()",
      );
      return row!.has;
    } finally {
      await database.close();
    }
  }

  test("a certificate that nobody vouches for is refused, in words that help", async () => {
    await expect(encrypted("sslmode=verify-full")).rejects.toThrow(/verified connection.*sslrootcert=<file>/);
    await expect(encrypted("sslmode=verify-ca")).rejects.toThrow(/verified connection/);
  });

  test("it is taken with its root, under its own name only", async () => {
    const root_ = `sslrootcert=${encodeURIComponent(join(root, "certificate.pem"))}`;
    expect(await encrypted(`sslmode=verify-full&${root_}`)).toBe(true);
    await expect(encrypted(`sslmode=verify-full&${root_}`, "127.0.0.1")).rejects.toThrow(/verified connection/);
    expect(await encrypted(`sslmode=verify-ca&${root_}`, "127.0.0.1")).toBe(true);
  });

  test("what is asked for without verification is encrypted, or not", async () => {
    expect(await encrypted("sslmode=require")).toBe(true);
    expect(await encrypted("sslmode=disable")).toBe(false);
  });
});
