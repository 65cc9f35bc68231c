import type Database from "better-sqlite3";
import type { SkippedRecord } from "./store.ts";

/** A text that was kept in the index, apart from what its table of meta data says of the index itself. */
export function noteOf(database: Database.Database, name: string): string | null {
  const note = database.prepare<[string], string>("select value from meta where key = ?");
  return note.pluck().get(`note:${name}`) ?? null;
}

export function putNote(database: Database.Database, name: string, text: string): void {
  database.prepare("insert or replace into meta (key, value) values (?, ?)").run(`note:${name}`, text);
}

/** All notes, by name. */
export function notesOf(database: Database.Database): Record<string, string> {
  const rows = database.prepare<[], { name: string; text: string }>(
    "select substr(key, 6) as name, value as text from meta where key like 'note:%'",
  );
  return Object.fromEntries(rows.all().map(({ name, text }) => [name, text]));
}

/** Of files that cannot be decoded, by path. */
export function skippedOf(database: Database.Database): SkippedRecord[] {
  return database
    .prepare<[], SkippedRecord & { kind: string | null }>(
      "select path, mtime_ms as mtimeMs, ctime_ms as ctimeMs, size, reason, kind from skipped order by path",
    )
    .all()
    .map(({ kind, ...record }) => (kind === null ? record : { ...record, kind }));
}
