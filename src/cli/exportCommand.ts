import type { ExportSummary } from "../core/index.ts";
import type { Tools } from "./tools.ts";

interface ExportOptions {
  readonly index?: string;
  readonly out: string;
  readonly json?: boolean;
}

/** `lookalike export`: the vectors of what is indexed; it never starts indexing by itself. */
export async function exportCommand({ core, embedder }: Tools, folder: string, options: ExportOptions): Promise<void> {
  try {
    // Before the index is opened, which would make an empty one.
    core.exportFormat(options.out);
    const index = await core.FolderIndex.open(folder, embedder, { location: options.index, warn: console.error });
    try {
      const summary = await core.exportVectors(index, options.out);
      console.log(options.json ? JSON.stringify(summary, null, 2) : describe(summary));
    } finally {
      await index.close();
    }
  } finally {
    await embedder.release();
  }
}

function describe({ file, images, dims, bytes, model }: ExportSummary): string {
  const arrays = Object.entries(dims).map(([name, dim]) => `${name} ${images} x ${dim}`);
  return [
    `${file}: ${images} image${images === 1 ? "" : "s"}, ${(bytes / 1e6).toFixed(1)} MB`,
    `${arrays.join(", ")}, model ${model.name}`,
  ].join("\n");
}
