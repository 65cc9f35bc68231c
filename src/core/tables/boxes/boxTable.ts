import { basename } from "node:path";
import { TableError } from "../errors.ts";
import { openTable } from "../openTable.ts";
import { findPaths, noPaths } from "../readColumns.ts";
import { firstOfSeveral } from "../source.ts";
import { BoxCollector } from "./boxCollector.ts";
import type { BoxesAnswer, BoxesRequest } from "./boxRow.ts";

/** Names of the columns of a box: left and top, then either width and height or right and bottom. In any case. */
const SIDES = [
  ["x", "y", "width", "height"],
  ["x", "y", "w", "h"],
  ["bbox_x", "bbox_y", "bbox_width", "bbox_height"],
  ["bbox_x", "bbox_y", "bbox_w", "bbox_h"],
  ["left", "top", "width", "height"],
] as const;
const CORNERS = [
  ["xmin", "ymin", "xmax", "ymax"],
  ["x_min", "y_min", "x_max", "y_max"],
  ["x1", "y1", "x2", "y2"],
  ["left", "top", "right", "bottom"],
] as const;
const CATEGORIES = ["label", "category", "class", "class_name", "name", "labelname"];
const IMAGE_SIDES = [
  ["image_width", "image_height"],
  ["img_width", "img_height"],
] as const;

/**
 * Boxes of a CSV or Parquet table, a row per box. Coordinates that are all between 0 and 1 are shares of the image's sides.
 * @throws TableError where it cannot be read, or has no columns of a box or none that names images
 */
export async function readBoxTable(request: BoxesRequest): Promise<BoxesAnswer> {
  const { file } = request;
  const source = await openTable(file);
  try {
    const lower = source.columns.map((name) => name.trim().toLowerCase());
    const places = (wanted: readonly string[]) => {
      const at = wanted.map((name) => lower.indexOf(name));
      return at.includes(-1) ? undefined : at;
    };
    const sides = SIDES.map(places).find((at) => at !== undefined);
    const corners = CORNERS.map(places).find((at) => at !== undefined);
    const box = sides ?? corners;
    if (box === undefined) {
      throw new TableError(
        `${file} has no columns of a box. Call them x, y, width and height (or xmin, ymin, xmax and ymax), in pixels.`,
      );
    }
    const size = IMAGE_SIDES.map(places).find((at) => at !== undefined);
    const category = CATEGORIES.map((name) => lower.indexOf(name)).find((at) => at >= 0);
    const boxes = new BoxCollector(request);
    const paths = await findPaths(file, source, boxes.names, [...box, ...(size ?? []), category]);
    if (paths === undefined) throw new TableError(noPaths(file, source.columns));
    const wanted = [...box, ...(size ?? []), ...(category === undefined ? [] : [category]), paths.at];
    let shares = true;
    for await (const slice of source.rows(wanted)) {
      for (const row of slice) {
        const numbers = row.slice(0, 4 + (size === undefined ? 0 : 2)).map(numberOf);
        const [x, y, a, b] = numbers as [number, number, number, number];
        if (numbers.slice(0, 4).some((value) => value < 0 || value > 1)) shares = false;
        boxes.add(row.at(-1)!, {
          box: sides === undefined ? [x, y, a - x, b - y] : [x, y, a, b],
          size: size !== undefined && numbers[4]! > 0 && numbers[5]! > 0 ? [numbers[4]!, numbers[5]!] : null,
          category: category === undefined ? "" : row.at(-2)!.trim(),
        });
      }
    }
    const notes = boxes.end({
      oddLines: source.oddLines,
      windows1252: source.isWindows1252,
      taken: {
        column: null,
        images: paths.guessed ? source.columns[paths.at]! : null,
        firstOf: firstOfSeveral(source, wanted),
      },
    });
    const isShares = shares && boxes.rows.length > 0;
    return {
      rows: boxes.rows,
      unit: isShares ? "shares" : "pixels",
      notes,
      warnings: isShares
        ? [`All coordinates of ${basename(file)} are between 0 and 1: they were taken for shares of the images' sides.`]
        : [],
    };
  } finally {
    await source.close();
  }
}

function numberOf(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}
