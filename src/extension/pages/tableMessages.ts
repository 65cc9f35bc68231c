import * as v from "valibot";

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const name = v.pipe(v.string(), v.minLength(1), v.maxLength(200));

/** Neighbours that are looked at. */
export const neighbours = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200));

const column = { file: path, column: v.pipe(v.string(), v.maxLength(4096)) };

/** A column of a table as a page names it. */
export const tableColumn = v.strictObject(column);

/** Where labels come from; null is the name of the folder. */
export const labelSource = v.nullable(tableColumn);

/** What a page colours images by. */
export const columnChoice = v.variant("kind", [
  v.strictObject({ kind: v.literal("pixels") }),
  v.strictObject({ kind: v.literal("modified") }),
  v.strictObject({ kind: v.literal("moved"), one: name, other: name, k: neighbours }),
  v.strictObject({ kind: v.literal("agreement"), labels: labelSource, k: neighbours }),
  v.strictObject({ kind: v.literal("table"), ...column }),
]);
