/** Labels with a colour of their own; those of the page's style are `--label-0` and so on. The others share the next one. */
export const LABEL_COLOURS = 8;

export interface Label {
  /** Name of the folder that holds the images; empty for the top folder. */
  readonly name: string;
  readonly count: number;
  /** Index into the label colours; `LABEL_COLOURS` is the one of all others. */
  readonly colour: number;
}

export interface Labels {
  /** The most frequent first; of the same frequency by name. */
  readonly all: readonly Label[];
  /** uint8 `[count]`: colour of each image. */
  readonly colours: Uint8Array;
}

/** The label of an image: the folder that holds it, as in most data sets. */
export function labelOf(path: string): string {
  return path.split("/").at(-2) ?? "";
}

/** File name of an image. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function labelsOf(paths: readonly string[]): Labels {
  const counts = new Map<string, number>();
  for (const path of paths) counts.set(labelOf(path), (counts.get(labelOf(path)) ?? 0) + 1);
  const all = [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([name, count], i): Label => ({ name, count, colour: Math.min(i, LABEL_COLOURS) }));
  const colours = new Map(all.map(({ name, colour }) => [name, colour]));
  return { all, colours: Uint8Array.from(paths, (path) => colours.get(labelOf(path))!) };
}
