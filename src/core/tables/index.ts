export { csvRecord } from "./csvWriter.ts";
export { TableError } from "./errors.ts";
export { findTables } from "./findTables.ts";
export { readImageColumn, readImageLabels, summariseTable } from "./imageColumn.ts";
export { writeLabels } from "./labelFile.ts";
export { type LabelsByPath, labelsOf } from "./labelsOf.ts";
export { readLabels } from "./readLabels.ts";
export { categories } from "./typedColumn.ts";
