import { boxOfCorners, type DatasetReader, type ListedImage, type PixelBox } from "./dataset.ts";
import { hasFile, OddLines, readList } from "./listFile.ts";

const LIST = "list_eval_partition.txt";
const PLACES = [LIST, `Eval/${LIST}`];
const BOXES = "list_bbox_inshop.txt";
const PLACES_OF_BOXES = [BOXES, `Anno/${BOXES}`];

/**
 * DeepFashion's In-Shop Clothes Retrieval: `list_eval_partition.txt` holds the number of images, a header, then image_name,
 * item_id and evaluation_status (train, query or gallery); `list_bbox_inshop.txt`, where it is there, the same two lines, then
 * image_name, clothes_type, pose_type and the corners x_1 y_1 x_2 y_2 in pixels, from 1 (Liu et al., "DeepFashion", 2016).
 */
export const inshop: DatasetReader = {
  title: "In-Shop Clothes Retrieval",
  signs: PLACES,
  async read(root) {
    const file = (await hasFile(root, PLACES[0]!)) ? PLACES[0]! : PLACES[1]!;
    const odd = new OddLines(file);
    const images: ListedImage[] = [];
    const { boxes, warnings } = await readBoxes(root);
    for (const { number, fields } of await readList(root, file, 3, odd, "first", 2)) {
      const [path, label, part] = fields;
      if (part === "train" || part === "query" || part === "gallery") {
        const box = boxes.get(path!);
        images.push({ path: path!, label: label!, part, ...(box === undefined ? {} : { box }) });
      } else odd.add(number);
    }
    const note = "In-Shop Clothes Retrieval: its query images search its gallery images, as in the papers";
    return {
      images,
      protocol: "query-gallery",
      note,
      ks: [1, 10, 20, 30, 40, 50],
      warnings: [...odd.warnings, ...warnings],
    };
  },
};

async function readBoxes(root: string): Promise<{ boxes: ReadonlyMap<string, PixelBox>; warnings: readonly string[] }> {
  const boxes = new Map<string, PixelBox>();
  for (const file of PLACES_OF_BOXES) {
    if (!(await hasFile(root, file))) continue;
    const odd = new OddLines(file);
    for (const { number, fields } of await readList(root, file, 7, odd, "first", 2)) {
      const [x1, y1, x2, y2] = fields.slice(3).map(Number) as [number, number, number, number];
      // Anything that is no number makes the comparison false.
      if (x2 >= x1 && y2 >= y1) boxes.set(fields[0]!, boxOfCorners(x1, y1, x2, y2));
      else odd.add(number);
    }
    return { boxes, warnings: odd.warnings };
  }
  return { boxes, warnings: [] };
}
