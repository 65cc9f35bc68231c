import { basename } from "node:path";
import {
  doubtfulSplit,
  type FolderRule,
  folderLabel,
  folderRule,
  listed,
  partOf,
  printable,
  type SplitPart,
  splitNote,
  splitPart,
} from "../../shared/index.ts";
import { labelsFrom } from "./imageColumn.ts";
import { inWorker } from "./inWorker.ts";
import { tableWarnings } from "./notes.ts";
import type { ColumnsAnswer } from "./readColumns.ts";

/** The labels of a folder's images, wherever they come from. */
export interface Labels {
  /** All labels of each image that has one, by path: several where rows of a table contradict each other. */
  readonly byPath: ReadonlyMap<string, readonly string[]>;
  /** The part of the split of each image, where there is a split. */
  readonly parts: ReadonlyMap<string, SplitPart>;
  /** What a table says of the split of an image, by path, where that is the name of no part, or of several. */
  readonly unsplit: ReadonlyMap<string, string>;
  /** In plain words: what could not be used, and what was assumed. */
  readonly warnings: readonly string[];
  /** Absolute path of the table; null where folders are labels. */
  readonly file: string | null;
}

/** The label of an image where one is needed: none where there are several. */
export function oneLabel({ byPath }: Labels, path: string): string | undefined {
  const labels = byPath.get(path);
  return labels?.length === 1 ? labels[0] : undefined;
}

/** The labels that folders give. @param images relative to the folder, with `/` */
export function labelsOfFolders(images: readonly string[], rule: FolderRule = folderRule(images)): Labels {
  const byPath = new Map<string, readonly string[]>();
  const parts = new Map<string, SplitPart>();
  for (const path of images) {
    const label = folderLabel(path, rule);
    if (label !== "") byPath.set(path, [label]);
    const part = partOf(path, rule);
    if (part !== null) parts.set(path, part);
  }
  const note = splitNote(rule) ?? doubtfulSplit(images, rule);
  const warnings = [...(note === null ? [] : [printable(note)]), ...twins([...byPath.values()].flat())];
  return { byPath, parts, unsplit: new Map(), warnings, file: null };
}

/** Where labels come from: a table, and its column where that is another one than `label`. */
export interface LabelFile {
  /** Absolute path. */
  readonly file: string;
  readonly column?: string | undefined;
}

/** The column of labels where none is named, and that of the split, in any case. */
const LABEL_COLUMN = "label";
const SPLIT_COLUMN = "split";

/**
 * The labels of images: from a column of a table, with the split where it has a column of that name; from folders where no
 * table is given.
 * @param images relative to `folder`, with `/`
 * @throws TableError where the file cannot be read, has no such column, or no column that names images; the signal's reason
 */
export async function labelsOf(
  images: readonly string[],
  folder: string,
  from: LabelFile | null,
  signal?: AbortSignal,
): Promise<Labels> {
  if (from === null) return labelsOfFolders(images);
  const { file, column = LABEL_COLUMN } = from;
  const answer = await inWorker("columns", { file, columns: [column, SPLIT_COLUMN], images, folder }, file, signal);
  const { labels, several } = labelsFrom(answer.columns[0]!);
  const byPath = new Map<string, readonly string[]>();
  for (const [i, path] of images.entries()) {
    const all = several.get(i)?.map((code) => labels.names[code]!) ?? [];
    const label = labels.names[labels.codes[i]!];
    if (all.length > 0) byPath.set(path, all);
    else if (label !== undefined) byPath.set(path, [label]);
  }
  const warnings = tableWarnings(file, column, answer.notes);
  warnings.push(...twins(labels.names));
  const doubtful = labels.names.filter((name) => /^(nan|null|none|n\/a|<na>|#n\/a)$/i.test(name));
  if (doubtful.length > 0) {
    const named = listed(doubtful.map((name) => `"${name}"`));
    warnings.push(
      `Labels of ${printable(basename(file))} that may mean that there is none: ${named}. They count as labels; leave the field empty where an image has none.`,
    );
  }
  const without = images.filter((path) => !byPath.has(path));
  if (without.length > 0) {
    const rows = answer.notes.matched < images.length ? "a row or a value" : "a value";
    warnings.push(printable(`Images without ${rows} in ${basename(file)}, left out: ${listed(without)}.`));
  }
  return { byPath, ...partsOf(answer, images), warnings, file };
}

/** Labels that may be meant as one. */
function twins(labels: Iterable<string>): string[] {
  const byLower = new Map<string, string[]>();
  for (const label of new Set(labels)) {
    const lower = label.toLowerCase();
    byLower.set(lower, [...(byLower.get(lower) ?? []), label]);
  }
  const found = [...byLower.values()].filter((each) => each.length > 1).map((each) => each.join(" / "));
  return found.length === 0
    ? []
    : [printable(`Labels that differ in their case alone count as different ones: ${listed(found)}.`)];
}

function partsOf({ columns: [, split] }: ColumnsAnswer, images: readonly string[]): Pick<Labels, "parts" | "unsplit"> {
  const parts = new Map<string, SplitPart>();
  const unsplit = new Map<string, string>();
  if (split == null) return { parts, unsplit };
  for (const [i, path] of images.entries()) {
    const codes = split.several.get(i) ?? (split.codes[i]! < 0 ? [] : [split.codes[i]!]);
    const names = codes.map((code) => split.names[code]!);
    const [part, ...others] = new Set(names.map(splitPart));
    if (part !== undefined && others.length === 0) parts.set(path, part);
    else if (names.length > 0) unsplit.set(path, names.join(", "));
  }
  return { parts, unsplit };
}
