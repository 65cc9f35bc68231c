import { createHash } from "node:crypto";
import type { HeldFile } from "../store.ts";
import { rowsOf } from "./answers.ts";
import type { Database } from "./database.ts";

export async function noteAttempts(database: Database, id: number, paths: readonly string[]): Promise<void> {
  await database.query(
    `insert into lookalike.attempt (index_id, path) select $1, unnest($2::text[])
     on conflict (index_id, path) do update set held = true`,
    [id, paths],
  );
}

/** See `Store.heldAtDeath`. */
export function takeHeld(
  database: Database,
  id: number,
  isOurs: (path: string) => boolean = () => true,
): Promise<HeldFile[]> {
  return database.transaction(async (client) => {
    const noting = await client.query(
      "select path, held from lookalike.attempt where index_id = $1 order by path for update",
      [id],
    );
    const noted = rowsOf<{ path: string; held: boolean }>(noting);
    const held = noted.filter((note) => note.held && isOurs(note.path)).map(({ path }) => path);
    const death = createHash("sha256").update(held.join("\0")).digest("hex");
    await client.query(
      `update lookalike.attempt set held = false, twice = coalesce(death = $3, false), death = $3
       where index_id = $1 and path = any($2::text[])`,
      [id, held, death],
    );
    const answer = await client.query("select path, twice from lookalike.attempt where index_id = $1 order by path", [
      id,
    ]);
    const rows = rowsOf<HeldFile>(answer);
    const order = new Map(held.map((path, i) => [path, i]));
    return rows
      .filter(({ path }) => isOurs(path))
      .sort((a, b) => (order.get(a.path) ?? held.length) - (order.get(b.path) ?? held.length));
  });
}

/** @param paths all where absent */
export async function endAttempts(database: Database, id: number, paths?: readonly string[]): Promise<void> {
  if (paths === undefined) await database.query("delete from lookalike.attempt where index_id = $1", [id]);
  else {
    await database.query("delete from lookalike.attempt where index_id = $1 and path = any($2::text[])", [id, paths]);
  }
}
