import { halvesNote, lastTrainClass } from "./classHalves.ts";
import type { DatasetReader, ListedImage, PixelBox } from "./dataset.ts";
import { hasFile, OddLines, readList, wholeNumber } from "./listFile.ts";

const LAST_TRAIN_CLASS = 100;

/**
 * CUB-200-2011: `images.txt` (number, path below `images`), `image_class_labels.txt`, `bounding_boxes.txt` (number, x, y, width,
 * height in pixels). The split of metric learning is by class; `train_test_split.txt` is that of classification, and not used.
 */
export const cub: DatasetReader = {
  title: "CUB-200-2011",
  signs: ["images.txt"],
  async read(root) {
    const warnings: string[] = [];
    const table = async (file: string, fields: number) => {
      const odd = new OddLines(file);
      const rows = new Map<number, readonly string[]>();
      for (const { number, fields: all } of await readList(root, file, fields, odd)) {
        const id = wholeNumber(all[0]!);
        if (id === undefined || rows.has(id)) odd.add(number);
        else rows.set(id, all.slice(1));
      }
      warnings.push(...odd.warnings);
      return rows;
    };
    const paths = await table("images.txt", 2);
    const labels = await table("image_class_labels.txt", 2);
    const names = (await hasFile(root, "classes.txt")) ? await table("classes.txt", 2) : undefined;
    const boxes = (await hasFile(root, "bounding_boxes.txt")) ? await table("bounding_boxes.txt", 5) : undefined;
    const classes = new Map([...labels].map(([id, [label]]) => [id, wholeNumber(label!)]));
    const split = lastTrainClass(
      [...classes.values()].filter((id) => id !== undefined),
      LAST_TRAIN_CLASS,
    );
    const images: ListedImage[] = [];
    let unlabelled = 0;
    for (const [id, [path]] of paths) {
      const number = classes.get(id);
      if (number === undefined) {
        unlabelled++;
        continue;
      }
      const box = boxOf(boxes?.get(id));
      images.push({
        path: `images/${path!}`,
        label: names?.get(number)?.[0] ?? String(number),
        part: number > split.last ? "test" : "train",
        ...(box === undefined ? {} : { box }),
      });
    }
    if (unlabelled > 0) warnings.push(`Images without a class in image_class_labels.txt, left out: ${unlabelled}.`);
    return { images, protocol: "by-class", note: halvesNote("CUB-200-2011", split), ks: [1, 2, 4, 8], warnings };
  },
};

function boxOf(fields: readonly string[] | undefined): PixelBox | undefined {
  if (fields === undefined) return undefined;
  const [x, y, width, height] = fields.map(Number);
  return [x, y, width, height].every(Number.isFinite) && width! > 0 && height! > 0
    ? { x: x!, y: y!, width: width!, height: height! }
    : undefined;
}
