/**
 * What a label is where no table says so: the path of the folder that holds the image, below the indexed one. Where the
 * outermost folders are the parts of a split (`train/cat/1.jpg`, `val/cat/2.jpg`), the label is what lies below them.
 */

export type SplitPart = "train" | "validation" | "test";

/** Names of the parts of a split, lower case. */
const PARTS: Readonly<Record<string, SplitPart>> = {
  train: "train",
  training: "train",
  val: "validation",
  valid: "validation",
  validation: "validation",
  dev: "validation",
  test: "test",
  testing: "test",
};

const MAY_HOLD_PARTS = new RegExp(`(${Object.keys(PARTS).join("|")})`, "i");

/** The part of a split that a folder or a row of a table names, in any case; undefined for another name. */
export function splitPart(name: string): SplitPart | undefined {
  const lower = name.trim().toLowerCase();
  return Object.hasOwn(PARTS, lower) ? PARTS[lower] : undefined;
}

/** How the labels of a folder's images follow from their paths. */
export interface FolderRule {
  /** How many folders lie above those that are the parts of a split; null where there is no split. */
  readonly splitAt: number | null;
  /** The folders of the split, as they are written, sorted; empty where there is none. */
  readonly parts: readonly string[];
}

export const NO_SPLIT: FolderRule = { splitAt: null, parts: [] };

/**
 * Finds a split: below the folders that all images share, each of them lies in a folder with the name of a part, and there
 * are at least two names.
 * @param paths of all images, relative with `/`
 */
export function folderRule(paths: readonly string[]): FolderRule {
  const splitAt = sharedFolders(paths);
  const parts = new Set<string>();
  for (const path of paths) {
    const folders = path.split("/", splitAt + 2);
    const part = folders[splitAt]!;
    if (folders.length < splitAt + 2 || splitPart(part) === undefined) return NO_SPLIT;
    parts.add(part);
  }
  const names = new Set([...parts].map((part) => part.toLowerCase()));
  return names.size < 2 ? NO_SPLIT : { splitAt, parts: [...parts].sort() };
}

/** The label of an image; "" for one that lies in no class folder. */
export function folderLabel(path: string, { splitAt }: FolderRule): string {
  const folders = path.split("/").slice(0, -1);
  if (splitAt !== null) folders.splice(splitAt, 1);
  return folders.join("/");
}

/** The part of the split that an image belongs to; null where there is no split. */
export function partOf(path: string, { splitAt }: FolderRule): SplitPart | null {
  return splitAt === null ? null : (splitPart(path.split("/")[splitAt]!) ?? null);
}

/** What a split means for labels, in words; null where there is none. */
export function splitNote({ parts }: FolderRule): string | null {
  if (parts.length === 0) return null;
  const names = parts.join(", ");
  return `The folders ${names} are taken for the parts of a split: the label of an image is its folder below them.`;
}

/**
 * Folders that have the names of parts and are taken for none, in words: as part of labels they may not be what was meant. Null
 * where there are not two of them.
 * @param paths of all images, relative with `/`
 */
export function doubtfulSplit(paths: readonly string[], { splitAt }: FolderRule): string | null {
  if (splitAt !== null) return null;
  const partsIn = (path: string) => {
    // Of a million paths nearly all have none.
    if (!MAY_HOLD_PARTS.test(path)) return [];
    const folders = path.split("/").slice(0, -1);
    return folders.filter((folder) => splitPart(folder) !== undefined);
  };
  const names = new Set(paths.flatMap(partsIn));
  if (new Set([...names].map(splitPart)).size < 2) return null;
  const outside = paths.find((path) => partsIn(path).length === 0);
  const why = outside === undefined ? "they lie at several depths, or inside other folders" : `${outside} lies in none`;
  return `The folders ${[...names].sort().join(", ")} are not taken for the parts of a split, since ${why}: they belong to the labels.`;
}

/**
 * How labels are shown: by the last part of their path where no other label ends with the same one.
 * @returns by label
 */
export function shortLabels(labels: Iterable<string>): Map<string, string> {
  const all = [...new Set(labels)];
  const counts = new Map<string, number>();
  for (const label of all) counts.set(lastPart(label), (counts.get(lastPart(label)) ?? 0) + 1);
  return new Map(all.map((label) => [label, counts.get(lastPart(label)) === 1 ? lastPart(label) : label]));
}

/** Number of folders that lie above all images. */
function sharedFolders(paths: readonly string[]): number {
  let shared: string[] | undefined;
  for (const path of paths) {
    const folders = path.split("/").slice(0, -1);
    if (shared === undefined) shared = folders;
    else {
      let same = 0;
      while (same < shared.length && shared[same] === folders[same]) same++;
      shared = shared.slice(0, same);
    }
    if (shared.length === 0) return 0;
  }
  return shared?.length ?? 0;
}

/**
 * The labels that are meant by names: each by its path, or by its last part where only one label ends with it.
 * @param known all labels of folders
 * @returns with the names that no label has, and those that several end with
 */
export function labelsNamed(
  names: readonly string[],
  known: readonly string[],
): {
  readonly labels: ReadonlySet<string>;
  readonly unknown: readonly string[];
  readonly ambiguous: readonly string[];
} {
  const all = new Set(known);
  const byLast = new Map<string, string[]>();
  for (const label of all) {
    const last = lastPart(label);
    byLast.set(last, [...(byLast.get(last) ?? []), label]);
  }
  const labels = new Set<string>();
  const unknown: string[] = [];
  const ambiguous: string[] = [];
  for (const name of names) {
    const ending = byLast.get(name) ?? [];
    if (name === "" || all.has(name)) labels.add(name);
    else if (ending.length === 1) labels.add(ending[0]!);
    else (ending.length === 0 ? unknown : ambiguous).push(name);
  }
  return { labels, unknown, ambiguous };
}

function lastPart(label: string): string {
  return label.slice(label.lastIndexOf("/") + 1);
}
