import { inWorker } from "./inWorker.ts";

/**
 * Gives images a label in a CSV file; see `writeLabels` in `labelFile.ts`.
 * @throws TableError where the file is another kind of table; FileError where it cannot be written
 */
export function writeLabelFile(file: string, paths: readonly string[], label: string): Promise<number> {
  return inWorker("write", { file, paths, label }, file);
}
