import { openRegularFile, readPart } from "../regularFile.ts";
import type { BoxesAnswer, BoxesRequest } from "./boxRow.ts";
import { readBoxTable } from "./boxTable.ts";
import { readCoco } from "./coco.ts";

export type { BoxesAnswer, BoxesRequest, BoxRow } from "./boxRow.ts";

/** White space that may stand before JSON, and the mark of UTF-8. */
const START = 64;

/** Boxes of images from a COCO file, or a CSV or Parquet table; which of them its first characters say. @throws TableError */
export async function readBoxRows(request: BoxesRequest): Promise<BoxesAnswer> {
  const { handle } = await openRegularFile(request.file);
  const start = await readPart(handle, 0, START).finally(() => handle.close());
  const isJson = /^\uFEFF?\s*[{[]/.test(start.toString("utf8"));
  return isJson ? readCoco(request) : readBoxTable(request);
}
