import { count, type LabelsResult, printable, visible } from "../shared/index.ts";
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
    const result = await untilStopped(folder, index, options, (signal) =>
      core.reviewLabels(index.folder, index.source(), {
        ...{ k: options.k, labels, signal },
        learned: core.SeenImages.of(index.manifest.training),
      }),
    );
    if (result === undefined) return;
    for (const warning of result.warnings) console.error(visible(warning));
    console.log(options.json ? JSON.stringify(result, null, 2) : describe(visible(result)));
  });
}

function describe({ images, classes, contradictions, unjudged, suspicious, shown }: LabelsResult): string {
  const name = (label: string) => (Object.hasOwn(shown, label) ? shown[label]! : label);
  const rows = suspicious.map(
    ({ path, label, suggested, votes, k, confidence }) =>
      `${confidence.toFixed(2).padStart(10)}  ${`${votes} of ${k}`.padStart(10)}  ${printable(`${path}: ${name(label)}, perhaps ${name(suggested)}`)}`,
  );
  const total = `${suspicious.length} of ${images} images in ${classes} classes have neighbours that mostly say something else`;
  return [
    ...contradicted(contradictions, name),
    rows.length === 0 ? total : [total, "", "confidence  neighbours  image", ...rows].join("\n"),
    ...(unjudged === 0 ? [] : ["", `${count(unjudged, "image")} of labels too small to be judged by neighbours`]),
  ].join("\n");
}

const WHY = { bytes: "same bytes  ", picture: "same picture" } as const;

function contradicted(contradictions: LabelsResult["contradictions"], name: (label: string) => string): string[] {
  if (contradictions.length === 0) return [];
  const rows = contradictions.map(({ paths, labels, why }) => {
    const named =
      paths.length === 1
        ? `${paths[0]}: ${labels.map(name).join(", ")}`
        : paths.map((path, i) => `${path}: ${name(labels[i]!)}`).join("; ");
    return `${WHY[why]}  ${printable(named)}`;
  });
  return [`${count(contradictions.length, "contradiction")}: the same picture under different labels`, "", ...rows, ""];
}
