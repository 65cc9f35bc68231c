import { createHash } from "node:crypto";
import type Database from "better-sqlite3";
import type { HeldFile } from "./store.ts";

/** See `Store.heldAtDeath`; inside a transaction. */
export function takeHeld(database: Database.Database, isOurs: (path: string) => boolean = () => true): HeldFile[] {
  const held = database
    .prepare<[], string>("select path from attempt where held = 1 order by path")
    .pluck()
    .all()
    .filter(isOurs);
  if (held.length > 0) {
    const death = createHash("sha256").update(held.join("\0")).digest("hex");
    const note = database.prepare(
      "update attempt set held = 0, twice = ifnull(death = @death, 0), death = @death where path = @path",
    );
    for (const path of held) note.run({ death, path });
  }
  const order = new Map(held.map((path, i) => [path, i]));
  return database
    .prepare<[], { path: string; twice: number }>("select path, twice from attempt order by path")
    .all()
    .filter(({ path }) => isOurs(path))
    .sort((a, b) => (order.get(a.path) ?? held.length) - (order.get(b.path) ?? held.length))
    .map(({ path, twice }) => ({ path, twice: twice === 1 }));
}
