import { basename, isAbsolute, join, relative, sep } from "node:path";
import type {
  BranchWeights,
  QueryExample,
  QueryImage,
  QueryText,
  ResultFilter,
  TableColumn,
} from "../../shared/index.ts";

/** What a panel asks of a folder, or of all folders of the window. */
export interface PanelQuery {
  /** At least one, or words. */
  readonly examples: readonly QueryExample[];
  readonly texts?: readonly QueryText[];
  readonly weights: BranchWeights;
  readonly filter: ResultFilter;
  /** Where labels come from; null is the name of an image's folder. */
  readonly labels: TableColumn | null;
  /** Of all folders; paths of the filter then begin with the name of a folder. */
  readonly across: boolean;
}

/** Images as positive examples, all branches alike, no filter. */
export function plainQuery(images: readonly string[], labels: TableColumn | null = null): PanelQuery {
  return { examples: images.map((image) => ({ image, sign: 1 })), weights: {}, filter: {}, labels, across: false };
}

/** Words, without a picture. */
export function wordsQuery(text: string, labels: TableColumn | null = null): PanelQuery {
  return { ...plainQuery([], labels), texts: [{ text, sign: 1 }] };
}

/** Words of a query as a name. */
export function wordsTitle(texts: readonly QueryText[] = []): string {
  return texts.map(({ text, sign }) => `${sign > 0 ? "" : "−"}“${text}”`).join(" ");
}

/** How an image of a query is shown. @param image absolute path */
export function queryImage(folder: string, image: string): QueryImage {
  const path = relative(folder, image);
  const inside = !(path.startsWith("..") || isAbsolute(path));
  return { name: basename(image), path: inside ? path.split(sep).join("/") : image, inside };
}

/** The file behind a path that a page shows: one of the examples, or inside the folder; undefined for any other. */
export function resolveShown(folder: string, examples: readonly QueryExample[], path: string): string | undefined {
  const example = examples.find(({ image }) => queryImage(folder, image).path === path);
  if (example !== undefined) return example.image;
  if (isAbsolute(path) || path.split(/[\\/]/).includes("..")) return undefined;
  return join(folder, path);
}

/** Adds examples at the end; one that is there already gets the new sign and keeps its box. */
export function withExamples(query: PanelQuery, images: readonly string[], sign: 1 | -1): PanelQuery {
  const kept = query.examples.map((example) => (images.includes(example.image) ? { ...example, sign } : example));
  const added = [...new Set(images)].filter((image) => kept.every((example) => example.image !== image));
  return { ...query, examples: [...kept, ...added.map((image) => ({ image, sign }))] };
}

/** Short name of a query, for a title. */
export function queryTitle({ examples, texts = [] }: PanelQuery): string {
  const [first, ...others] = examples;
  if (first === undefined) return wordsTitle(texts);
  const more = others.length + texts.length;
  return more === 0 ? basename(first.image) : `${basename(first.image)} +${more}`;
}
