import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";
import Database from "better-sqlite3";
import { isDiskFull } from "../files/index.ts";
import { WrongContentError } from "./sqliteSchema.ts";
import { StoreError } from "./store.ts";

/** Whether the file is no database any more, one whose pages do not fit together, or one without our tables. */
export function isDamage(error: unknown): boolean {
  if (error instanceof WrongContentError) return true;
  if (!(error instanceof Database.SqliteError)) return false;
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(error.code)) return true;
  return (
    error.code === "SQLITE_ERROR" &&
    /no such (table|column)|already exists|malformed|no column named/.test(error.message)
  );
}

export function cannotOpen(file: string, error: unknown): StoreError {
  if (isDiskFull(file, error)) {
    const message = `The index ${file} cannot be opened: the disk is full. Free some space, or choose another place.`;
    return new StoreError(message, { cause: error });
  }
  if (areFilesExhausted()) {
    const message = `The index ${file} cannot be opened: too many files are open. Close some programs, or allow more (ulimit -n).`;
    return new StoreError(message, { cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreError(
    `The index ${file} cannot be opened (${reason}). Check that the folder can be written, or choose another place.`,
    { cause: error },
  );
}

/** Files that SQLite has open for a database: itself, its log, the index of that, what is made aside, their folder. */
const FILES = 6;

/** SQLite does not say why it cannot open a file, and has closed its others by then. */
function areFilesExhausted(): boolean {
  const opened: number[] = [];
  try {
    while (opened.length < FILES) opened.push(openSync(devNull, "r"));
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && (error.code === "EMFILE" || error.code === "ENFILE");
  } finally {
    for (const file of opened) closeSync(file);
  }
}

/** An error of SQLite as one for users: what happened, to which file, what to do. Other errors stay what they are. */
export function inPlainWords(file: string, error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  if (isDamage(error)) {
    const message = `The index ${file} is damaged (${error.message}). Rebuild it; the images are untouched.`;
    return new StoreError(message, { cause: error, damaged: true });
  }
  return new StoreError(`The index ${file} ${whatHappened(file, error)} What was indexed is kept.`, { cause: error });
}

function whatHappened(file: string, error: InstanceType<typeof Database.SqliteError>): string {
  const { code, message } = error;
  if (/^SQLITE_FULL|^SQLITE_IOERR_(WRITE|SHMSIZE)/.test(code) || isDiskFull(file, error)) {
    return "cannot grow: the disk is full. Free some space, then index again, or choose another place.";
  }
  if (areFilesExhausted())
    return "cannot be used: too many files are open. Close some programs, or allow more (ulimit -n).";
  if (/^SQLITE_(READONLY|CANTOPEN)/.test(code)) {
    return "cannot be written. Check the permissions of its folder, or choose another place.";
  }
  if (/^SQLITE_BUSY/.test(code)) return "is held by another program. Close it, then try again.";
  return `cannot be used (${message}). Check the disk, then try again.`;
}
