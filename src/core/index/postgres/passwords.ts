import { promises as fs } from "node:fs";
import { type PostgresAddress, passFile } from "./address.ts";

/** Given by a front end that keeps them safe, for as long as this process lives; by `PostgresAddress.server`. */
const given = new Map<string, string>();

/** @param password null forgets it */
export function setDatabasePassword(server: string, password: string | null): void {
  if (password === null) given.delete(server);
  else given.set(server, password);
}

/**
 * The password for an address: what a front end gave, else that of the service file, else `PGPASSWORD`, else the first line of
 * `~/.pgpass` that fits. Asked for at each connection, and kept nowhere.
 */
export async function passwordFor(
  address: PostgresAddress,
  env: NodeJS.ProcessEnv = process.env,
  warn: (message: string) => void = () => {},
): Promise<string | undefined> {
  const file = passFile(env);
  return given.get(address.server) ?? address.password ?? env.PGPASSWORD ?? (await fromFile(address, file, warn));
}

async function fromFile(
  { host, port, database, user }: PostgresAddress,
  file: string,
  warn: (message: string) => void,
): Promise<string | undefined> {
  const stat = await fs.stat(file).catch(() => undefined);
  if (!stat?.isFile()) return undefined;
  // PostgreSQL does not use one that others may read either.
  if (process.platform !== "win32" && (stat.mode & 0o077) !== 0) {
    warn(`The password file ${file} is not used, since others may read it. Run chmod 600 on it.`);
    return undefined;
  }
  const wanted = [host.startsWith("/") ? "localhost" : host, String(port), database, user];
  for (const line of (await fs.readFile(file, "utf8")).split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    const fields = fieldsOf(line);
    if (fields.length !== 5) continue;
    if (wanted.every((value, i) => fields[i] === "*" || fields[i] === value)) return fields[4];
  }
  return undefined;
}

/** Parted by colons; a backslash takes the next character as it is. The last field may hold colons. */
function fieldsOf(line: string): string[] {
  const fields: string[] = [];
  let field = "";
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!;
    if (character === "\\" && i + 1 < line.length) field += line[++i];
    else if (character === ":" && fields.length < 4) {
      fields.push(field);
      field = "";
    } else field += character;
  }
  return [...fields, field];
}
