import { readFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { isAbsolute, join } from "node:path";
import * as tls from "node:tls";
import { serverOf, withoutPassword } from "../../../shared/index.ts";
import { StoreError } from "../store.ts";
import { serviceEntries } from "./serviceFile.ts";

/** What an address says, with what the environment and a service file add. A password is none of it. */
export interface PostgresAddress {
  /** A name, an IP address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** false where the connection is not encrypted. */
  readonly ssl: false | tls.ConnectionOptions;
  /** Name of the indexed folder in the database; null where each folder goes by its own name. */
  readonly folder: string | null;
  /** For messages. */
  readonly title: string;
  /** What a password is kept under. */
  readonly server: string;
  /** From a service file. */
  readonly password: string | undefined;
}

const KNOWN = new Set(["folder", "sslmode", "sslrootcert", "service", "host", "password", "sslpassword"]);
const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/;
const LONGEST_NAME = 500;

/**
 * Reads `postgres://user@host:port/database?folder=name`. What is left out comes from a service file, then from `PGHOST`,
 * `PGPORT`, `PGDATABASE`, `PGUSER`, `PGSSLMODE` and `PGSSLROOTCERT`, as in PostgreSQL's own programs.
 * @throws StoreError where it cannot be used; no message holds a password
 */
export function readAddress(given: string, env: NodeJS.ProcessEnv = process.env): PostgresAddress {
  const shown = withoutPassword(given.trim());
  const refuse = (what: string) => new StoreError(`The address ${shown} ${what}`);
  let url: URL;
  let named: { readonly user: string; readonly database: string };
  try {
    url = new URL(given.trim().replace(/^postgres(ql)?:/i, "postgres:"));
    named = { user: decodeURIComponent(url.username), database: decodeURIComponent(url.pathname.slice(1)) };
  } catch {
    // Without its cause, which holds what was given.
    throw new StoreError(`${shown} is not an address of a database. ${FORM}`);
  }
  const asked = url.searchParams;
  if (url.password !== "" || asked.has("password") || asked.has("sslpassword")) {
    throw refuse(
      "has a password in it, where it would be kept in settings and shown. Take it out and change it if others could see " +
        "it; give it by PGPASSWORD, ~/.pgpass, a service file, or in VS Code by Lookalike: Set Database Password.",
    );
  }
  const unknown = [...asked.keys()].find((key) => !KNOWN.has(key));
  if (unknown !== undefined) throw refuse(`has ${unknown}, which is not known here. ${FORM}`);
  const serviceName = asked.get("service") ?? env.PGSERVICE;
  const service = serviceName === undefined || serviceName === null ? {} : serviceEntries(serviceName, env);
  const own = userInfo().username;
  const user = named.user || service.user || env.PGUSER || own;
  const host = asked.get("host") || url.hostname.replace(/^\[|\]$/g, "") || service.host || env.PGHOST || "localhost";
  const port = Number(url.port || service.port || env.PGPORT || 5432);
  const database = named.database || service.dbname || env.PGDATABASE || user;
  if (database.includes("/")) throw refuse(`has more than the name of a database after the host. ${FORM}`);
  const folder = asked.get("folder")?.trim() ?? "";
  if (folder === "" || folder.length > LONGEST_NAME || /\p{Cc}/u.test(folder)) {
    throw refuse(
      "does not say by which name the database knows this folder (machines see it under different paths). Add " +
        "?folder=<name>, the same for all who share the index, or ?folder=* where the folders' own names are meant.",
    );
  }
  const mode = asked.get("sslmode") ?? service.sslmode ?? env.PGSSLMODE;
  const root = asked.get("sslrootcert") ?? service.sslrootcert ?? env.PGSSLROOTCERT;
  return {
    ...{ host, port, database, user },
    ssl: tlsOptions(mode ?? undefined, root ?? undefined, host, refuse),
    folder: folder === "*" ? null : folder,
    title: shown,
    server: serverOf(given) ?? shown,
    password: service.password,
  };
}

const FORM = "Write postgres://user@host:5432/database?folder=name.";

/** `sslmode` as PostgreSQL defines it; without one, the certificate and its host are verified, but on this machine itself. */
function tlsOptions(
  mode: string | undefined,
  root: string | undefined,
  host: string,
  refuse: (what: string) => StoreError,
): PostgresAddress["ssl"] {
  const local = isAbsolute(host) || LOOPBACK.test(host);
  const chosen = mode ?? (local ? "disable" : "verify-full");
  const options: tls.ConnectionOptions = {};
  // As PostgreSQL means it; Node has a list of its own.
  if (root === "system") {
    // Since Node 22.15.
    if (!("getCACertificates" in tls))
      throw refuse("asks for sslrootcert=system, which this version of Node cannot read.");
    options.ca = [...tls.getCACertificates("system")];
  } else if (root !== undefined) {
    const file = root.replace(/^~(?=[/\\])/, homedir());
    try {
      options.ca = readFileSync(file);
    } catch (cause) {
      throw new StoreError(`The certificate ${file} (sslrootcert) cannot be read. Check its path.`, { cause });
    }
  }
  switch (chosen) {
    case "disable":
      return false;
    case "require":
      // As PostgreSQL does: encrypted; verified only where a root certificate is named.
      return root === undefined ? { rejectUnauthorized: false } : { ...options, checkServerIdentity: () => undefined };
    case "verify-ca":
      return { ...options, checkServerIdentity: () => undefined };
    case "verify-full":
      return { ...options };
    default:
      throw refuse(
        `asks for sslmode=${chosen}, which may end without encryption unnoticed. Choose verify-full, verify-ca, require or disable.`,
      );
  }
}

/** Where passwords lie, for messages and tests. */
export function passFile(env: NodeJS.ProcessEnv = process.env): string {
  if (env.PGPASSFILE !== undefined) return env.PGPASSFILE;
  if (process.platform === "win32") return join(env.APPDATA ?? homedir(), "postgresql", "pgpass.conf");
  return join(homedir(), ".pgpass");
}
