import { promises as fs } from "node:fs";
import { join } from "node:path";
import { makeScratch } from "../files/index.ts";
import { type ImportOptions, type ImportReport, importAside } from "../model/import/index.ts";
import type { ModelShelf } from "./modelShelf.ts";

/**
 * Makes a model of a foreign network and installs it. Nothing is installed before the model has passed its check.
 * @param options `name` is the one under which it is installed
 * @throws ModelError where the network cannot be used, or the name is taken; the signal's reason
 */
export async function installImported(
  shelf: ModelShelf,
  options: Omit<ImportOptions, "out" | "name"> & { readonly name: string },
  signal?: AbortSignal,
): Promise<ImportReport> {
  await shelf.checkFree(options.name);
  const folder = await makeScratch();
  try {
    const out = join(folder, "model.onnx");
    const report = await importAside("import", { ...options, out }, { file: options.file, signal });
    await shelf.install(out, options.name, signal);
    return report;
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}
