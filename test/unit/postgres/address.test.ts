/** What an address may say, where passwords come from, and that none is ever shown. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, getCACertificates } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readAddress } from "../../../src/core/index/postgres/address.ts";
import { StrangeAnswer } from "../../../src/core/index/postgres/answers.ts";
import { inPlainWords } from "../../../src/core/index/postgres/failures.ts";
import { passwordFor, setDatabasePassword } from "../../../src/core/index/postgres/passwords.ts";
import { isDatabase, serverOf, withoutPassword } from "../../../src/shared/index.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lookalike-address-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("an address, with what the environment and a service file add", () => {
  expect(readAddress("postgres://ann@db.example:6000/pictures?folder=a%2Fphotos", {})).toMatchObject({
    ...{ host: "db.example", port: 6000, database: "pictures", user: "ann", folder: "a/photos", password: undefined },
    title: "postgres://ann@db.example:6000/pictures?folder=a%2Fphotos",
    server: "ann@db.example:6000/pictures",
  });
  const env = { PGHOST: "there", PGPORT: "7000", PGUSER: "bob", PGDATABASE: "all", PGSSLMODE: "disable" };
  expect(readAddress("postgresql://?folder=*", env)).toMatchObject({
    ...{ host: "there", port: 7000, database: "all", user: "bob", folder: null, ssl: false },
  });
  const PGSERVICEFILE = join(root, "services");
  writeFileSync(
    PGSERVICEFILE,
    "# ours\n[other]\nhost=no\n[team]\nhost = inside\nport=5433\nuser=carol\npassword=s3cret\ndbname=shared\n[last]\nhost=no\n",
  );
  const team = readAddress("postgres:///?service=team&folder=photos", { ...env, PGSERVICEFILE });
  expect(team).toMatchObject({ host: "inside", port: 5433, user: "carol", database: "shared", password: "s3cret" });
  expect(() => readAddress("postgres:///?service=none&folder=photos", { PGSERVICEFILE })).toThrow(/no service none/);
  expect(readAddress("postgres:///db?host=/run/pg&folder=x", {})).toMatchObject({ host: "/run/pg", database: "db" });
  expect(readAddress("postgres://[::1]/db?folder=x", {})).toMatchObject({ host: "::1", ssl: false });
});

test.each([
  ["postgres://ann:hunter2@db/x?folder=a", /has a password in it/],
  ["postgres://db/x?folder=a&password=hunter2", /has a password in it/],
  ["postgres://db/x?folder=a&%70assword=hunter2", /has a password in it/],
  ["postgres://db/x?folder=a&PASSWORD=hunter2", /has PASSWORD, which is not known/],
  ["postgres://db/x?folder=a&passwor%zz=hunter2", /is not known here/],
  ["postgres://ann:hunter2%40@db/x?folder=a", /has a password in it/],
  ["postgres://db/x", /does not say by which name/],
  ["postgres://db/x?folder=%00", /does not say by which name/],
  ["postgres://db/x/photos?folder=a", /more than the name of a database/],
  ["postgres://db/x?folder=a&options=-c%20x", /has options, which is not known here/],
  ["postgres://db/x?folder=a&sslmode=prefer", /may end without encryption unnoticed/],
  ["postgres://db:port/x?folder=a", /is not an address of a database/],
  ["postgres://ann:hunter2/3?4@db/x?folder=a", /is not an address of a database/],
  ["postgres://ann:hunter2@3@db:1/x?folder=a", /has a password in it|is not an address/],
  ["postgres://%zz@db/x?folder=a", /is not an address of a database/],
])("%s is refused, and no password shown", (address, message) => {
  expect(() => readAddress(address, {})).toThrow(message);
  try {
    readAddress(address, {});
  } catch (error) {
    expect(String(error)).not.toContain("hunter2");
  }
  expect(withoutPassword(address)).not.toContain("hunter2");
});

test("TLS is verified unless the server is this machine, or the address says otherwise", () => {
  const ssl = (rest: string, env = {}) => readAddress(`postgres://${rest}`, env).ssl;
  expect(ssl("db.example/x?folder=a")).toEqual({});
  expect(ssl("localhost/x?folder=a")).toBe(false);
  expect(ssl("localhost/x?folder=a&sslmode=verify-full")).toEqual({});
  expect(ssl("db.example/x?folder=a&sslmode=disable")).toBe(false);
  expect(ssl("db.example/x?folder=a", { PGSSLMODE: "require" })).toEqual({ rejectUnauthorized: false });
  const ca = join(root, "ca.pem");
  writeFileSync(ca, "certificate");
  expect(ssl(`db.example/x?folder=a&sslrootcert=${encodeURIComponent(ca)}`)).toEqual({
    ca: Buffer.from("certificate"),
  });
  const system = ssl("db.example/x?folder=a&sslrootcert=system") as ConnectionOptions;
  expect(system.ca).toEqual([...getCACertificates("system")]);
  expect(ssl(`db.example/x?folder=a&sslmode=verify-ca`)).toMatchObject({ checkServerIdentity: expect.any(Function) });
  expect(() => ssl("db.example/x?folder=a&sslrootcert=/nowhere.pem")).toThrow(
    /nowhere.pem \(sslrootcert\) cannot be read/,
  );
});

test("a password comes from the front end, the service file, the environment, then the password file", async () => {
  const PGPASSFILE = join(root, "pass");
  writeFileSync(PGPASSFILE, "# ours\nother:*:*:*:no\ndb:5432:x:ann:from\\:the:file\n*:*:*:*:any\n", { mode: 0o600 });
  const address = readAddress("postgres://ann@db/x?folder=a", {});
  expect(await passwordFor(address, { PGPASSFILE })).toBe("from:the:file");
  expect(await passwordFor({ ...address, user: "bob" }, { PGPASSFILE })).toBe("any");
  expect(await passwordFor(address, { PGPASSFILE, PGPASSWORD: "environment" })).toBe("environment");
  expect(await passwordFor({ ...address, password: "service" }, { PGPASSFILE, PGPASSWORD: "e" })).toBe("service");
  setDatabasePassword(address.server, "front end");
  expect(await passwordFor({ ...address, password: "service" }, {})).toBe("front end");
  setDatabasePassword(address.server, null);
  expect(await passwordFor(address, {})).toBeUndefined();
  if (process.platform === "win32") return;
  chmodSync(PGPASSFILE, 0o644);
  const warnings: string[] = [];
  expect(await passwordFor(address, { PGPASSFILE }, (message) => warnings.push(message))).toBeUndefined();
  expect(warnings).toEqual([expect.stringMatching(/pass is not used, since others may read it. Run chmod 600/)]);
});

test("what is a database, and which server it is", () => {
  expect(isDatabase("postgres://x")).toBe(true);
  expect(isDatabase(" PostgreSQL://x")).toBe(true);
  expect(isDatabase("/home/postgres://x")).toBe(false);
  expect(serverOf("postgres://ann:pw@DB:1/x?folder=a")).toBe("ann@db:1/x");
  expect(serverOf("postgres:///x?folder=a&host=/run&service=s")).toBe("@/x?host=/run&service=s");
  expect(serverOf("postgres://ann:p/w@db/x?folder=a")).toBe("ann@db/x");
  expect(serverOf("/a/folder")).toBeNull();
  for (const shown of [
    "postgres://db:5432/x?folder=a@b",
    "postgres://ann@db:5432/x?folder=a",
    "postgres:///x?host=/run",
  ]) {
    expect(withoutPassword(shown)).toBe(shown);
  }
});

test("what a database says is put into plain words, with what to do", () => {
  const said = (code: string, message = "m") =>
    String(inPlainWords("postgres://db", Object.assign(new Error(message), { code })));
  expect(said("53100")).toMatch(/its disk is full.*make room/);
  expect(said("25006")).toMatch(/read-only copy/);
  expect(said("42501")).toMatch(/Ask its owner/);
  expect(said("28P01")).toMatch(/refuses this user.*PGPASSWORD/);
  // No password helps there.
  const entry = 'no pg_hba.conf entry for host "10.0.0.7", user "ann", database "x"';
  for (const [message, advice] of [
    [`${entry}, no encryption`, /over an encrypted connection only.*sslmode=verify-full/],
    [`${entry}, SSL encryption`, /does not let this user in from this machine.*no password helps/],
    ['role "ann" does not exist', /Correct the user in the address/],
  ] as const) {
    expect(said("28000", message)).toMatch(advice);
    expect(said("28000", message)).not.toMatch(/PGPASSWORD|Set Database Password/);
  }
  expect(said("ENOTFOUND")).toMatch(/Check the host/);
  expect(said("ECONNREFUSED")).toMatch(/does not answer.*What was acknowledged is kept/);
  expect(said("SELF_SIGNED_CERT_IN_CHAIN")).toMatch(/verified connection.*sslrootcert/);
  expect(said("XX000")).toMatch(/cannot be used \(XX000: m\)/);
  expect(inPlainWords("postgres://db", new StrangeAnswer("no row"))).toMatchObject({
    message: expect.stringMatching(
      /gives an answer that is none of a PostgreSQL.*\(no row\).*Check that the address is the right one/,
    ),
  });
  const other = new RangeError("ours");
  expect(inPlainWords("postgres://db", other)).toBe(other);
  const stopped = new DOMException("stopped", "AbortError");
  expect(inPlainWords("postgres://db", stopped)).toBe(stopped);
});
