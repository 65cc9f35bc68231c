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
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreError(
    `The index ${file} cannot be opened (${reason}). Check that the folder can be written, or choose another place.`,
    { cause: error },
  );
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
  if (/^SQLITE_(READONLY|CANTOPEN)/.test(code)) {
    return "cannot be written. Check the permissions of its folder, or choose another place.";
  }
  if (/^SQLITE_BUSY/.test(code)) return "is held by another program. Close it, then try again.";
  return `cannot be used (${message}). Check the disk, then try again.`;
}
