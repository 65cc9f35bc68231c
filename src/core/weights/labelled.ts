import { createHash } from "node:crypto";

/** Classes and images of each that can choose: fewer tell too little. */
const LEAST_CLASSES = 8;
const LEAST_OF_CLASS = 4;
/** Images of a class that are looked at, and of all. */
const MOST_OF_CLASS = 12;
const MOST = 1200;

/** Images of one label that take part in a choice. */
export interface LabelledClass {
  readonly label: string;
  readonly paths: readonly string[];
}

/**
 * The classes that choose, and the images that stand for each: the same for the same names, whatever else changes.
 * @param labels of images; one with several labels tells nothing here
 * @returns null where they are too few
 */
export function choosingClasses(labels: ReadonlyMap<string, readonly string[]>): readonly LabelledClass[] | null {
  const byLabel = new Map<string, string[]>();
  for (const [path, all] of labels) {
    const [label, ...others] = all;
    if (label === undefined || label === "" || others.length > 0) continue;
    const paths = byLabel.get(label);
    if (paths === undefined) byLabel.set(label, [path]);
    else paths.push(path);
  }
  const large = [...byLabel].filter(([, paths]) => paths.length >= LEAST_OF_CLASS);
  if (large.length < LEAST_CLASSES) return null;
  const classes: LabelledClass[] = [];
  let images = 0;
  for (const [label, paths] of byHash(large, ([name]) => name)) {
    const some = byHash(paths, (path) => path).slice(0, MOST_OF_CLASS);
    if (images + some.length > MOST) break;
    images += some.length;
    classes.push({ label, paths: some });
  }
  return classes;
}

function byHash<T>(items: readonly T[], name: (item: T) => string): T[] {
  return items
    .map((item) => ({ item, key: createHash("sha256").update(name(item)).digest("hex") }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ item }) => item);
}
