import type { Database } from "./database.ts";

/** Notes lie beside what the database says of itself, under the number of their index, which is never given twice. */
const prefixOf = (index: number) => `note:${index}:`;

export async function noteOf(database: Database, index: number, name: string): Promise<string | null> {
  const [row] = await database.query<{ value: string }>("select value from lookalike.meta where key = $1", [
    prefixOf(index) + name,
  ]);
  return row?.value ?? null;
}

export async function putNote(database: Database, index: number, name: string, text: string): Promise<void> {
  await database.query(
    "insert into lookalike.meta (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value",
    [prefixOf(index) + name, text],
  );
}

/** All notes of an index, by name. */
export async function notesOf(database: Database, index: number): Promise<Record<string, string>> {
  const rows = await database.query<{ key: string; value: string }>(
    "select key, value from lookalike.meta where starts_with(key, $1)",
    [prefixOf(index)],
  );
  return Object.fromEntries(rows.map(({ key, value }) => [key.slice(prefixOf(index).length), value]));
}
