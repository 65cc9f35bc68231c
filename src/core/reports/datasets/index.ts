import { promises as fs } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Dataset } from "../../../shared/index.ts";
import { EvaluationError } from "../errors.ts";
import { cars } from "./cars.ts";
import { cub } from "./cub.ts";
import type { DatasetLists, DatasetReader } from "./dataset.ts";
import { inshop } from "./inshop.ts";
import { hasFile } from "./listFile.ts";
import { sop } from "./sop.ts";

export type { DatasetLists, ListedImage, Part, PixelBox } from "./dataset.ts";

const READERS: Readonly<Record<Dataset, DatasetReader>> = { cub, cars, sop, inshop };

/** Folders of a data set that hold nothing but its images: its lists lie above them. */
const ABOVE = 2;

/**
 * Reads a data set as it is distributed.
 * @param folder that is indexed: the data set's own, one of its images, or what its archive was unpacked into
 * @returns with the absolute path that the listed paths are relative to
 * @throws EvaluationError where its lists are not there or hold nothing
 */
export async function readDataset(dataset: Dataset, folder: string): Promise<DatasetLists & { readonly root: string }> {
  const reader = READERS[dataset];
  for (const root of [...upwards(resolve(folder)), ...(await inside(resolve(folder)))]) {
    for (const sign of reader.signs) {
      if (!(await hasFile(root, sign))) continue;
      const lists = await reader.read(root);
      if (lists.images.length === 0) {
        throw new EvaluationError(`${join(root, sign)} lists no image of ${reader.title}. Check the file.`);
      }
      return { ...lists, root };
    }
  }
  throw new EvaluationError(
    `${folder} is not ${reader.title} as it is distributed: ${reader.signs.slice(0, 2).join(" or ")} is not there. Give its folder.`,
  );
}

function upwards(folder: string): string[] {
  const roots = [folder];
  for (let i = 0; i < ABOVE; i++) roots.push(dirname(roots.at(-1)!));
  return roots;
}

/** Folders right inside, in the order of their names. */
async function inside(folder: string): Promise<string[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.flatMap((entry) => (entry.isDirectory() ? [join(folder, entry.name)] : [])).sort();
}
