import { statfsSync } from "node:fs";
import { dirname } from "node:path";

/** What SQLite needs to open a database, with its log and the log's index. Bytes. */
const ROOM = 1 << 17;

/**
 * Whether a file could not be written for want of room, by the error of the file system or of SQLite, which calls a write that
 * found no room an I/O error, as it does with any other: so the disk is asked.
 */
export function isDiskFull(file: string, error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT)/.test(code)) return true;
  if (!/^SQLITE_(IOERR|CANTOPEN)/.test(code)) return false;
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize < ROOM;
    } catch {
      // It could not be made.
    }
    if (dirname(folder) === folder) return false;
  }
}
