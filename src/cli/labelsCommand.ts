import type { LabelsResult } from "../shared/index.ts";
import { type LabelOptions, labelsFrom } from "./labelOptions.ts";
import { type IndexPlaceOptions, withFolderIndex } from "./tools.ts";
import { untilStopped } from "./untilStopped.ts";

interface LabelsOptions extends IndexPlaceOptions, LabelOptions {
  readonly k?: number;
  readonly json?: boolean;
}

/** `lookalike labels`: looks at what is indexed; it never starts indexing by itself. */
export function labelsCommand(folder: string, options: LabelsOptions): Promise<void> {
  return withFolderIndex(folder, options, async (index, core) => {
    const labels = await labelsFrom(options, index, core);
    const result = await untilStopped(folder, index, (signal) =>
      core.findSuspiciousLabels(index.source(), { k: options.k, labels, signal }),
    );
    if (result === undefined) return;
    for (const warning of result.warnings) console.error(warning);
    console.log(options.json ? JSON.stringify(result, null, 2) : describe(result));
  });
}

function describe({ images, classes, suspicious }: LabelsResult): string {
  const rows = suspicious.map(
    ({ path, label, suggested, votes, k, confidence }) =>
      `${confidence.toFixed(2).padStart(10)}  ${`${votes} of ${k}`.padStart(10)}  ${path}: ${label}, perhaps ${suggested}`,
  );
  const count = `${suspicious.length} of ${images} images in ${classes} classes have neighbours that mostly say something else`;
  return rows.length === 0 ? count : [count, "", "confidence  neighbours  image", ...rows].join("\n");
}
