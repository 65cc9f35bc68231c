import type Database from "better-sqlite3";
import type { Changes } from "./store.ts";

/** The changes of others: SQLite counts the commits of other connections. */
export function sqliteChanges(database: Database.Database): Changes {
  /** undefined where the disk does not answer. */
  const version = (): unknown => {
    try {
      return database.pragma("data_version", { simple: true });
    } catch {
      return undefined;
    }
  };
  return {
    watch(every, changed) {
      let known = version();
      const timer = setInterval(() => {
        if (!database.open) return clearInterval(timer);
        const now = version();
        if (now === undefined || now === known) return;
        known = now;
        changed();
      }, every);
      // A process need not live for it.
      timer.unref();
      return () => clearInterval(timer);
    },
  };
}
