import { basename } from "node:path";
import { type ColumnNotes, count, printable, type Some } from "../../shared/index.ts";

/**
 * What of a table could not be used and what was assumed to read it, in plain words, a sentence each.
 * @param column that was asked for
 */
export function tableWarnings(file: string, column: string, notes: ColumnNotes): string[] {
  const name = basename(file);
  const { unknown, ambiguous, assumed, repeated, contradictory, oddLines, windows1252, taken } = notes;
  const told: string[] = [];
  if (windows1252) told.push(`${name} is no UTF-8: it was read as Windows-1252.`);
  if (taken.column !== null) told.push(`The column "${taken.column}" of ${name} was taken for "${column}".`);
  if (taken.images !== null)
    told.push(`The column "${taken.images}" of ${name} was taken for the one that names the images.`);
  for (const each of taken.firstOf)
    told.push(`${name} has several columns "${each}": the first was taken. Give the others names of their own.`);
  const kinds = [
    [assumed.name, "by a file name that only one image has"],
    [assumed.stem, "by a file name without its ending"],
    [assumed.end, "by the end of a path of another place"],
    [assumed.letters, "by letters in another form (composed, in another case, %20)"],
  ] as const;
  const some = kinds.filter(([rows]) => rows > 0).map(([rows, how]) => `${rows} ${how}`);
  if (some.length > 0) told.push(`Rows of ${name} that found their image by less than its path: ${some.join(", ")}.`);
  if (oddLines.count > 0) told.push(`Lines with odd quotes or another number of fields: ${several(oddLines)}.`);
  if (unknown.count > 0) told.push(`Rows of ${name} that match no image: ${several(unknown)}.`);
  if (ambiguous.count > 0) {
    told.push(
      `Rows of ${name} that may be about several images, or are not alone about one, left out: ${several(ambiguous)}.`,
    );
  }
  if (repeated > 0) {
    const other =
      contradictory.count === 0 ? "all with the same value" : `with different values: ${several(contradictory)}`;
    told.push(`${count(repeated, "image")} with several rows in ${name}, ${other}.`);
  }
  return told.map(printable);
}

function several({ count: n, first }: Some<string | number>): string {
  return `${n}: ${first.join(", ")}${n > first.length ? ", ..." : ""}`;
}
