import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { StoreError } from "../store.ts";

/** The entries of a service that are used here. */
export type ServiceEntries = Partial<
  Record<"host" | "port" | "dbname" | "user" | "password" | "sslmode" | "sslrootcert", string>
>;

/**
 * Reads a service of PostgreSQL's connection service file (`PGSERVICEFILE`, else `~/.pg_service.conf`): `[name]`, then
 * `key=value` lines.
 * @throws StoreError where there is no such service
 */
export function serviceEntries(name: string, env: NodeJS.ProcessEnv = process.env): ServiceEntries {
  const file = env.PGSERVICEFILE ?? join(homedir(), ".pg_service.conf");
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new StoreError(`The service file ${file} cannot be read. Write it, or leave service=${name} out.`, { cause });
  }
  let inside = false;
  const entries: Record<string, string> = {};
  for (const line of text.split(/\r?\n/).map((each) => each.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    const section = /^\[(.*)\]$/.exec(line);
    if (section !== null) {
      if (inside) return entries;
      inside = section[1] === name;
    } else if (inside) {
      const at = line.indexOf("=");
      if (at > 0) entries[line.slice(0, at).trim()] = line.slice(at + 1).trim();
    }
  }
  if (inside) return entries;
  throw new StoreError(`The service file ${file} has no service ${name}. Add it there, or correct the name.`);
}
