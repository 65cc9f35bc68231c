import type { DatasetReader, ListedImage } from "./dataset.ts";
import { hasFile, OddLines, readList } from "./listFile.ts";

const LIST = "list_eval_partition.txt";
const PLACES = [LIST, `Eval/${LIST}`];

/**
 * DeepFashion's In-Shop Clothes Retrieval: `list_eval_partition.txt` holds the number of images, a header, then image_name,
 * item_id and evaluation_status (train, query or gallery) (Liu et al., "DeepFashion", 2016).
 */
export const inshop: DatasetReader = {
  title: "In-Shop Clothes Retrieval",
  signs: PLACES,
  async read(root) {
    const file = (await hasFile(root, PLACES[0]!)) ? PLACES[0]! : PLACES[1]!;
    const odd = new OddLines(file);
    const images: ListedImage[] = [];
    for (const { number, fields } of await readList(root, file, 3, odd, "first", 2)) {
      const [path, label, part] = fields;
      if (part === "train" || part === "query" || part === "gallery") images.push({ path: path!, label: label!, part });
      else odd.add(number);
    }
    const note = "In-Shop Clothes Retrieval: its query images search its gallery images, as in the papers";
    return { images, protocol: "query-gallery", note, ks: [1, 10, 20, 30, 40, 50], warnings: odd.warnings };
  },
};
