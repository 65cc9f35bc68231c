import { basename } from "node:path";
import { count } from "../../../shared/index.ts";
import { TableError } from "../errors.ts";
import { openRegularFile } from "../regularFile.ts";
import { BoxCollector } from "./boxCollector.ts";
import type { BoxesAnswer, BoxesRequest, BoxRow } from "./boxRow.ts";

/** Bytes: no longer text is held in one piece. */
const LARGEST = 500 * 2 ** 20;

interface CocoImage {
  readonly name: string;
  readonly size: readonly [number, number] | null;
}

/**
 * Boxes of a COCO file of object detection (Lin et al. 2014; https://cocodataset.org, "Data format"): `images` (id, file_name,
 * width, height), `annotations` (image_id, bbox as left, top, width, height in pixels, category_id), `categories` (id, name). Crowds are
 * regions of many objects, and left out.
 * @throws TableError where it is none
 */
export async function readCoco(request: BoxesRequest): Promise<BoxesAnswer> {
  const { file } = request;
  const whole = recordOf(await parsed(file));
  const listed = listOf(whole?.["images"]);
  const annotations = listOf(whole?.["annotations"]);
  if (listed === null || annotations === null) {
    throw new TableError(
      `${file} is no COCO file: it has no list "images" or no list "annotations". Give one, or a CSV file.`,
    );
  }
  const categories = new Map<unknown, string>();
  for (const each of listOf(whole?.["categories"]) ?? []) {
    const { id, name } = recordOf(each) ?? {};
    if (typeof name === "string") categories.set(id, name);
  }
  const names = new Map<unknown, CocoImage>();
  for (const each of listed) {
    const { id, file_name: name, width, height } = recordOf(each) ?? {};
    if (typeof name !== "string") continue;
    names.set(id, { name, size: isSide(width) && isSide(height) ? [width, height] : null });
  }
  const boxes = new BoxCollector(request);
  let [crowds, homeless] = [0, 0];
  for (const each of annotations) {
    const { image_id: id, bbox, category_id: category, iscrowd } = recordOf(each) ?? {};
    const image = names.get(id);
    if (image === undefined) homeless++;
    else if (iscrowd === 1) crowds++;
    else boxes.add(image.name, { box: boxOf(bbox), size: image.size, category: categories.get(category) ?? "" });
  }
  const notes = boxes.end({
    oddLines: { count: 0, first: [] },
    windows1252: false,
    taken: { column: null, images: null, firstOf: [] },
  });
  const name = basename(file);
  return {
    rows: boxes.rows,
    unit: "pixels",
    notes,
    warnings: [
      ...(homeless === 0 ? [] : [`${count(homeless, "annotation")} of ${name} of no image in its list, left out.`]),
      ...(crowds === 0 ? [] : [`${count(crowds, "crowd")} in ${name}, left out.`]),
    ],
  };
}

async function parsed(file: string): Promise<unknown> {
  const { handle, size } = await openRegularFile(file);
  try {
    if (size > LARGEST) {
      throw new TableError(`${file} has more than ${LARGEST / 2 ** 20} MB. Keep the images of the folder alone.`);
    }
    return JSON.parse((await handle.readFile("utf8")).replace(/^\uFEFF/, ""));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new TableError(`${file} is no COCO file: it is no JSON. Save it again, or give a CSV file.`, { cause });
  } finally {
    await handle.close();
  }
}

function boxOf(bbox: unknown): BoxRow["box"] {
  const numbers = (listOf(bbox) ?? []).map((value) => (typeof value === "number" ? value : Number.NaN));
  const at = (i: number) => numbers[i] ?? Number.NaN;
  return numbers.length === 4 ? [at(0), at(1), at(2), at(3)] : [Number.NaN, Number.NaN, Number.NaN, Number.NaN];
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}

function listOf(value: unknown): readonly unknown[] | null {
  return Array.isArray(value) ? value : null;
}

function isSide(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value > 0;
}
