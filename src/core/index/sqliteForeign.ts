import Database from "better-sqlite3";
import { REVISIONS } from "./sqliteRevisions.ts";
import { makeTables, SCHEMA_VERSION, WrongContentError } from "./sqliteSchema.ts";

interface Part {
  readonly type: "table" | "index" | "view" | "trigger";
  readonly name: string;
  readonly sql: string;
}

/** What can run more than it holds: a view in the place of a table may go on for ever, and a trigger change what is written. */
const COMPUTED = /\b(virtual|generated|check|as\s*\(|default\s*\()/i;

let ours: ReadonlyMap<string, string> | undefined;

/**
 * Refuses a database with parts that Lookalike does not make: whoever can write a shared place can put them there. Of an older
 * version the names of triggers are held, and of this one their texts.
 * @throws WrongContentError
 */
export function refuseForeign(database: Database.Database): void {
  ours ??= ownParts();
  const older = Number(database.pragma("user_version", { simple: true })) < SCHEMA_VERSION;
  for (const { type, name, sql } of partsOf(database)) {
    const known = ours.get(`${type} ${name}`);
    const isOurs =
      type === "table" ? !COMPUTED.test(sql) : known !== undefined && (type === "index" || older || known === sql);
    if (!isOurs) throw new WrongContentError(`it has a ${type} "${name}" that is not of Lookalike`);
  }
}

/** All but what SQLite makes by itself. */
function partsOf(database: Database.Database): Part[] {
  const parts = database.prepare<[], Part>("select type, name, sql from sqlite_master where sql is not null").all();
  return parts.map((part) => ({ ...part, sql: plain(part.sql) }));
}

function ownParts(): Map<string, string> {
  const database = new Database(":memory:");
  try {
    makeTables(database);
    // Of an index that was searched past memory.
    database.exec(REVISIONS);
    return new Map(partsOf(database).map(({ type, name, sql }) => [`${type} ${name}`, sql]));
  } finally {
    database.close();
  }
}

/** Without comments and in one line. */
function plain(sql: string): string {
  return sql
    .replace(/--[^\n]*/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
