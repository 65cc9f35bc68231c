import { posix } from "node:path";
import { count, type Dataset, type EvaluationProtocol, listed, printable } from "../../shared/index.ts";
import { pathInside } from "../index/index.ts";
import { type LabelFile, labelsOf, oneLabel } from "../tables/index.ts";
import { type Part, type PixelBox, readDataset } from "./datasets/index.ts";
import { EvaluationError } from "./errors.ts";

/** What is known of the images of a folder, by path relative to it. */
export interface GroundTruth {
  readonly labels: ReadonlyMap<string, string>;
  /** What each image is for; empty where nothing says so. */
  readonly parts: ReadonlyMap<string, Part>;
  /** Where the object of an image is. */
  readonly boxes: ReadonlyMap<string, PixelBox>;
  /** What a data set's papers say; undefined for a folder or a table. */
  readonly official?: { readonly protocol: EvaluationProtocol; readonly note: string; readonly ks: readonly number[] };
  /** In plain words: what could not be used. */
  readonly warnings: readonly string[];
}

export interface TruthOptions {
  /** Absolute path of a table; folders are labels where absent. */
  readonly labels?: string | undefined;
  /** The table's column of labels. */
  readonly column?: string | undefined;
  readonly dataset?: Dataset | undefined;
  /** Absolute path of a file with boxes of objects, COCO or a table; those of the data set where absent. */
  readonly boxes?: string | undefined;
}

/**
 * Labels of the images of a folder: from a data set's own lists, a table, or their folders.
 * @param images that are indexed, relative to `folder`
 * @throws EvaluationError or TableError where the labels cannot be read, or there are none
 */
export async function readTruth(
  folder: string,
  images: readonly string[],
  { labels: table, column, dataset }: TruthOptions,
): Promise<GroundTruth> {
  if (dataset !== undefined && table !== undefined) {
    throw new EvaluationError(
      `Labels come from the lists of the data set (${dataset}) or from a table: give one of them.`,
    );
  }
  const truth =
    dataset !== undefined
      ? await fromDataset(folder, images, dataset)
      : await fromLabels(folder, images, table === undefined ? null : { file: table, column });
  if (images.length === 0)
    throw new EvaluationError(`${folder} holds no image that could be indexed. Choose another folder.`);
  if (truth.labels.size === 0) {
    const none =
      images.length === 1
        ? `The one indexed image of ${folder} has no label.`
        : `None of the ${images.length} indexed images of ${folder} has a label.`;
    throw new EvaluationError(
      `${none} Put the images of each class in a folder of its own, or give a table with --labels.`,
    );
  }
  const without = images.length - truth.labels.size;
  return without === 0
    ? truth
    : { ...truth, warnings: [...truth.warnings, `${count(without, "image")} without a label: left out.`] };
}

/** @param from null for folders */
async function fromLabels(folder: string, images: readonly string[], from: LabelFile | null): Promise<GroundTruth> {
  const given = await labelsOf(images, folder, from);
  const labels = new Map<string, string>();
  for (const path of images) {
    const label = oneLabel(given, path);
    if (label !== undefined) labels.set(path, label);
  }
  const parts = new Map<string, Part>(given.parts);
  const warnings = [...given.warnings];
  const odd: string[] = [];
  for (const [path, names] of given.unsplit) {
    const part = names.trim().toLowerCase();
    if (part === "query" || part === "gallery") parts.set(path, part);
    else odd.push(`${path} (${names})`);
  }
  if (odd.length > 0) {
    warnings.push(printable(`Rows whose split is not one of train, val, test, query and gallery: ${listed(odd)}.`));
  }
  return { labels, parts, boxes: new Map(), warnings };
}

/** Folders that an archive of a data set may have been unpacked into, above the listed paths. */
const UNPACKED_INTO = ["", "Img", "images", "img"];

async function fromDataset(folder: string, images: readonly string[], dataset: Dataset): Promise<GroundTruth> {
  const { root, images: listedImages, warnings, ...official } = await readDataset(dataset, folder);
  const known = new Set(images);
  const labels = new Map<string, string>();
  const parts = new Map<string, Part>();
  const boxes = new Map<string, PixelBox>();
  const missing: string[] = [];
  const contradicted: string[] = [];
  for (const image of listedImages) {
    const path = UNPACKED_INTO.map((into) =>
      pathInside(folder, posix.join(posixOf(root), into, posixOf(image.path))),
    ).find((each) => each !== null && known.has(each));
    if (path === undefined || path === null) missing.push(image.path);
    else if (labels.has(path) && (labels.get(path) !== image.label || parts.get(path) !== image.part))
      contradicted.push(path);
    else {
      labels.set(path, image.label);
      parts.set(path, image.part);
      if (image.box !== undefined) boxes.set(path, image.box);
    }
  }
  const told = [...warnings];
  const tested = new Set(listedImages.filter(({ part }) => part !== "train").map(({ path }) => path));
  const untested = missing.filter((path) => tested.has(path));
  if (untested.length > 0) {
    told.push(
      `Images of the official test that are not indexed, so the figures are not the official ones: ${listed(untested)}.`,
    );
  } else if (missing.length > 0) told.push(`Listed training images that are not indexed: ${listed(missing)}.`);
  if (contradicted.length > 0) {
    told.push(`Images with two different lines in the lists, of which the first counts: ${listed(contradicted)}.`);
  }
  return { labels, parts, boxes, official, warnings: told };
}

function posixOf(path: string): string {
  return path.replaceAll("\\", "/");
}
