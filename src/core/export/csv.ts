import { guardFormula } from "../../shared/index.ts";
import type { Write } from "../files/index.ts";
import type { IndexSnapshot } from "../search/index.ts";
import { csvRecord } from "../tables/index.ts";
import { vectorColumns } from "./columns.ts";

/** Bytes of text that are put together before they are written. */
const CHUNK = 1 << 20;

/**
 * Writes a CSV file (RFC 4180, UTF-8) with a header: `path`, then per column `<name>_0`, `<name>_1`, ...
 * @param guard paths that a spreadsheet would take for formulas are marked as text (`guardFormula`)
 */
export async function writeCsv(snapshot: IndexSnapshot, write: Write, guard = false): Promise<void> {
  const columns = vectorColumns(snapshot);
  const names = columns.flatMap(({ name, dim }) => Array.from({ length: dim }, (_, i) => `${name}_${i}`));
  let text = csvRecord(["path", ...names]);
  const vectors = columns.map(({ dim }) => new Float32Array(dim));
  let at = 0;
  for await (const row of snapshot.rows()) {
    const path = snapshot.paths[at++]!;
    const fields = [guard ? guardFormula(path) : path];
    for (const [c, column] of columns.entries()) {
      column.copy(row, vectors[c]!);
      for (const value of vectors[c]!) fields.push(shortFloat(value));
    }
    text += csvRecord(fields);
    if (text.length < CHUNK) continue;
    await write(Buffer.from(text));
    text = "";
  }
  await write(Buffer.from(text));
}

/** Nine significant digits tell every float32 from its neighbours; more would be digits of its float64 form only. */
export function shortFloat(value: number): string {
  return String(Number(value.toPrecision(9)));
}
