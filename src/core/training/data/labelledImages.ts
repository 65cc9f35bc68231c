import { posix } from "node:path";
import { count, listed } from "../../../shared/index.ts";
import { findImages } from "../../images/index.ts";
import { readLabels } from "../../tables/index.ts";
import { TrainingError } from "./trainingError.ts";

export interface LabelledImage {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  readonly label: string;
  /** What the labels file demands; null where it says nothing. */
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
 * @param labels absolute path of a table; null takes folders as classes
 * @throws TrainingError where the folder cannot be read; TableError where the labels file cannot; the signal's reason where that aborts
 */
export async function readLabelledImages(
  folder: string,
  labels: string | null,
  signal?: AbortSignal,
): Promise<LabelledImages> {
  const { images, skipped } = await findImages(folder, { signal }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new TrainingError(`The folder ${folder} cannot be read. Check the path.`, { cause });
  });
  const unread = skipped.map(({ path, reason }) => `${path} (${reason})`);
  const warnings = unread.length === 0 ? [] : [`Files and folders that cannot be read, left out: ${listed(unread)}.`];
  if (labels === null) {
    const inFolders = images.filter(({ path }) => path.includes("/"));
    const loose = images.length - inFolders.length;
    if (loose > 0) {
      warnings.push(`${count(loose, "image")} directly in the folder, in no class folder: left out.`);
    }
    return {
      images: inFolders.map(({ path, size }) => ({ path, size, label: posix.dirname(path), split: null })),
      warnings,
    };
  }
  const given = await readLabels(labels);
  warnings.push(...given.warnings);
  const found = images.flatMap(({ path, size }): LabelledImage[] => {
    const row = given.byPath.get(path);
    if (row === undefined || !isSplit(row.split)) return [];
    return [{ path, size, label: row.label, split: row.split === "" ? null : row.split }];
  });
  const foreign = [...given.byPath].flatMap(([path, { split }]) => (isSplit(split) ? [] : [`${path} (${split})`]));
  if (foreign.length > 0) {
    warnings.push(`Rows whose split is neither train nor test, left out: ${listed(foreign)}.`);
  }
  const known = new Set(images.map(({ path }) => path));
  const unmatched = [...given.byPath.keys()].filter((path) => !known.has(path));
  if (unmatched.length > 0) warnings.push(`Rows of the labels file that match no image: ${listed(unmatched)}.`);
  const rowless = images.filter(({ path }) => !given.byPath.has(path)).length;
  if (rowless > 0) {
    warnings.push(`${count(rowless, "image")} without a row in the labels file: left out.`);
  }
  return { images: found, warnings };
}

function isSplit(text: string): text is "train" | "test" | "" {
  return text === "train" || text === "test" || text === "";
}
