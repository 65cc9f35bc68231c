/** Says the part of a split, in any case; never the label. */
const SPLIT = "split";
const LABEL = "label";

/** The columns of a table that may hold labels: the one of that name first, none of the split. @param columns in the file's order */
export function columnsOfLabels(columns: readonly string[]): string[] {
  const named = (name: string) => (column: string) => column.toLowerCase() === name;
  const able = columns.filter((column) => !named(SPLIT)(column));
  const usual = able.filter(named(LABEL));
  return [...usual, ...able.filter((column) => !usual.includes(column))];
}
