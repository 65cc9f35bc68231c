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
): Promise<string | undefined> {
  return given.get(address.server) ?? address.password ?? env.PGPASSWORD ?? (await fromFile(address, passFile(env)));
}

async function fromFile({ host, port, database, user }: PostgresAddress, file: string): Promise<string | undefined> {
  const stat = await fs.stat(file).catch(() => undefined);
  // PostgreSQL does not use one that others may read either.
  if (!stat?.isFile() || (process.platform !== "win32" && (stat.mode & 0o077) !== 0)) return undefined;
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
