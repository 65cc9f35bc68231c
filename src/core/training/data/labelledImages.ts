import { count, listed, printable, type SplitPart } from "../../../shared/index.ts";
import { findImages } from "../../images/index.ts";
import { type LabelFile, type Labels, labelsOf, oneLabel } from "../../tables/index.ts";
import { TrainingError } from "./trainingError.ts";

export interface LabelledImage {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  readonly label: string;
  /** What the table or the folders of a split demand; null where they say nothing. */
  readonly split: "train" | "test" | null;
}

export interface LabelledImages {
  /** In the order of their paths. */
  readonly images: readonly LabelledImage[];
  /** In plain words: what was left out, and why. */
  readonly warnings: readonly string[];
}

/**
 * The images of a folder with their labels: from a labels file, or else an image's label is its folder.
 * @param labels a table and its column of labels; null takes folders as classes
 * @throws TrainingError where the folder cannot be read; TableError where the labels file cannot; the signal's reason where that aborts
 */
export async function readLabelledImages(
  folder: string,
  labels: LabelFile | null,
  signal?: AbortSignal,
): Promise<LabelledImages> {
  const { images, skipped } = await findImages(folder, { signal }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new TrainingError(`The folder ${folder} cannot be read. Check the path.`, { cause });
  });
  const unread = skipped.map(({ path, reason }) => `${path} (${reason})`);
  const warnings = unread.length === 0 ? [] : [`Files and folders that cannot be read, left out: ${listed(unread)}.`];
  const paths = images.map(({ path }) => path);
  const given = await labelsOf(paths, folder, labels, signal);
  warnings.push(...given.warnings);
  if (labels === null) {
    const loose = paths.filter((path) => !given.byPath.has(path)).length;
    if (loose > 0) {
      warnings.push(`${count(loose, "image")} directly in the folder, in no class folder: left out.`);
    }
  }
  const sides = sidesOf(given, warnings);
  const found = images.flatMap(({ path, size }): LabelledImage[] => {
    const label = oneLabel(given, path);
    const part = given.parts.get(path);
    const split = part === undefined ? null : sides[part];
    if (label === undefined || split === "out" || given.unsplit.has(path)) return [];
    return [{ path, size, label, split }];
  });
  return { images: found, warnings: warnings.map(printable) };
}

type Side = "train" | "test" | "out";

/** On which side the parts of a split are. The test is the part of that name; where there is none, the validation serves. */
function sidesOf({ parts, unsplit }: Labels, warnings: string[]): Readonly<Record<SplitPart, Side>> {
  if (unsplit.size > 0) {
    const rows = [...unsplit].map(([path, names]) => `${path} (${names})`);
    warnings.push(`Images of no one part of a split (train, validation, test), left out: ${listed(rows)}.`);
  }
  const all = [...parts.values()];
  const validation = all.filter((part) => part === "validation").length;
  const hasTest = all.includes("test");
  if (validation > 0 && hasTest) {
    warnings.push(`${count(validation, "image")} of the validation part: neither trained on nor tested.`);
  } else if (validation > 0) {
    warnings.push("The split has no test part: the validation part is the test.");
  }
  return { train: "train", test: "test", validation: hasTest ? "out" : "test" };
}
