export type { BoxRow } from "./boxes/index.ts";
export { csvRecord } from "./csvWriter.ts";
export { TableError } from "./errors.ts";
export { findTables, summariseTables } from "./findTables.ts";
export { type ImageBoxes, readImageBoxes } from "./imageBoxes.ts";
export { readImageColumn, readImageLabels } from "./imageColumn.ts";
export { type LabelFile, type Labels, labelsOf, oneLabel } from "./labels.ts";
export { categories } from "./typedColumn.ts";
export { writeLabelFile } from "./writeLabelFile.ts";
