export { ExportError } from "./errors.ts";
export { type ExportSummary, exportFormat, exportVectors } from "./exportVectors.ts";
