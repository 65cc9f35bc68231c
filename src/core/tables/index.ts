export { TableError } from "./errors.ts";
export { findTables } from "./findTables.ts";
export { readImageColumn, summariseTable } from "./imageColumn.ts";
export { writeLabels } from "./labelFile.ts";
export { type Labels, readLabels } from "./readLabels.ts";
export { categories } from "./typedColumn.ts";
