import { basename } from "node:path";
import { listed, printable } from "../../shared/index.ts";
import type { FolderIndex } from "../folder/index.ts";
import { type BoxRow, readImageBoxes } from "../tables/index.ts";
import type { PixelBox } from "./datasets/index.ts";
import { EvaluationError } from "./errors.ts";

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pixels that a box may reach over the edge: annotations are rounded. */
const OVER = 1;
/** By so much may the proportions of the image that was annotated differ from those of the one that is here. */
const PROPORTIONS = 0.03;

export interface JudgedBoxes {
  /** The largest of each image, in pixels of the upright image that is indexed. */
  readonly boxes: ReadonlyMap<string, PixelBox>;
  readonly warnings: readonly string[];
}

/**
 * The box of each image from a COCO file or a table. Of several the largest counts, and where one is called like the image's label,
 * the largest of those. What cannot be used is counted and named.
 * @param images that are indexed
 * @throws EvaluationError where no box is left; TableError; the signal's reason
 */
export async function readBoxes(
  file: string,
  images: readonly string[],
  folder: string,
  labels: ReadonlyMap<string, string>,
  source: Pick<ReturnType<FolderIndex["source"]>, "record">,
  signal?: AbortSignal,
): Promise<JudgedBoxes> {
  const { rows, unit, warnings } = await readImageBoxes(file, images, folder, signal);
  const odd = new OddBoxes();
  const byImage = new Map<string, { box: PixelBox; own: boolean }[]>();
  const sizes = new Map<string, Size | undefined>();
  for (const row of rows) {
    const path = images[row.image]!;
    if (!sizes.has(path)) sizes.set(path, await source.record(path));
    const size = sizes.get(path);
    const box = size === undefined ? null : boxIn(size, row, unit, (kind) => odd.add(kind, path));
    if (box === null) continue;
    const all = byImage.get(path) ?? [];
    all.push({ box, own: row.category !== "" && row.category === labels.get(path) });
    byImage.set(path, all);
  }
  const boxes = new Map<string, PixelBox>();
  let several = 0;
  for (const [path, all] of byImage) {
    const own = all.filter((each) => each.own);
    const of = own.length > 0 ? own : all;
    if (all.length > 1) several++;
    boxes.set(
      path,
      of.map(({ box }) => box).reduce((a, b) => (areaOf(b) > areaOf(a) ? b : a)),
    );
  }
  const told = [...warnings, ...odd.warnings(basename(file))];
  if (boxes.size === 0) {
    throw new EvaluationError(`${file} has no box that can be used. ${told.join(" ")}`);
  }
  if (several > 0) {
    told.push(
      `Images with several boxes: ${several}. The largest counts, of those that are called like the image's label where there are any.`,
    );
  }
  return { boxes, warnings: told };
}

type Odd = "number" | "area" | "outside" | "over" | "proportions";

/** A box in pixels of the image that is indexed; null where it cannot be used. */
function boxIn(
  here: Size,
  { box, size }: BoxRow,
  unit: "pixels" | "shares",
  tell: (kind: Odd) => void,
): PixelBox | null {
  const [x, y, width, height] = box;
  if (!box.every(Number.isFinite)) {
    tell("number");
    return null;
  }
  if (width <= 0 || height <= 0) {
    tell("area");
    return null;
  }
  const [w, h] = unit === "shares" ? [1, 1] : (size ?? [here.width, here.height]);
  if (unit === "pixels" && Math.abs((w * here.height) / (h * here.width) - 1) > PROPORTIONS) {
    tell("proportions");
    return null;
  }
  if (x >= w || y >= h || x + width <= 0 || y + height <= 0) {
    tell("outside");
    return null;
  }
  const over = unit === "shares" ? OVER / Math.max(here.width, here.height) : OVER;
  if (x < -over || y < -over || x + width > w + over || y + height > h + over) tell("over");
  const [left, top] = [Math.max(0, x), Math.max(0, y)];
  const [right, bottom] = [Math.min(w, x + width), Math.min(h, y + height)];
  const [sx, sy] = [here.width / w, here.height / h];
  return { x: left * sx, y: top * sy, width: (right - left) * sx, height: (bottom - top) * sy };
}

function areaOf({ width, height }: PixelBox): number {
  return width * height;
}

const WORDS: Readonly<Record<Odd, (file: string) => string>> = {
  number: (file) => `Boxes of ${file} that are no four numbers, left out`,
  area: (file) => `Boxes of ${file} without an area, left out`,
  outside: (file) => `Boxes of ${file} outside of their image, left out`,
  over: (file) => `Boxes of ${file} that reach over the edge of their image, cut to it`,
  proportions: (file) => `Boxes of ${file} in images of other proportions than those here, left out`,
};

/** Boxes that cannot be used as they are, by what is odd of them, with their images. */
class OddBoxes {
  readonly #paths = new Map<Odd, string[]>();

  add(kind: Odd, path: string): void {
    const paths = this.#paths.get(kind) ?? [];
    paths.push(path);
    this.#paths.set(kind, paths);
  }

  warnings(file: string): string[] {
    return [...this.#paths].map(([kind, paths]) => printable(`${WORDS[kind](file)}: ${listed(paths)}.`));
  }
}
