import type { ExportSummary } from "../core/index.ts";
import { visible } from "../shared/index.ts";
import { notIndexed } from "./notIndexed.ts";
import type { Weighing } from "./queryOptions.ts";
import { type IndexPlaceOptions, loadCore, withFolderIndex } from "./tools.ts";
import { weightsFrom } from "./weighing.ts";

interface ExportOptions extends IndexPlaceOptions {
  readonly out: string;
  readonly guardFormulas?: boolean;
  readonly weights?: Weighing;
  readonly json?: boolean;
}

/** `lookalike export`: the vectors of what is indexed; it never starts indexing by itself. */
export async function exportCommand(folder: string, options: ExportOptions): Promise<void> {
  // Before the index is opened, which would make an empty one.
  (await loadCore()).exportFormat(options.out);
  await withFolderIndex(folder, options, async (index, core) => {
    if ((await index.status()).indexed === 0) throw notIndexed(index, folder, options);
    const { guardFormulas } = options;
    const weights = await weightsFrom(options.weights, {}, index, core, (line) => console.error(visible(line)));
    const summary = await core.exportVectors(index, options.out, { guardFormulas, weights });
    console.log(options.json ? JSON.stringify(summary, null, 2) : describe(visible(summary)));
  });
}

function describe({ file, images, dims, bytes, model }: ExportSummary): string {
  const arrays = Object.entries(dims).map(([name, dim]) => `${name} ${images} x ${dim}`);
  return [
    `${file}: ${images} image${images === 1 ? "" : "s"}, ${(bytes / 1e6).toFixed(1)} MB`,
    `${arrays.join(", ")}, model ${model.name}`,
  ].join("\n");
}
