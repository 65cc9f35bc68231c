import type { DatasetReader, ListedImage } from "./dataset.ts";
import { OddLines, readList } from "./listFile.ts";

/**
 * Stanford Online Products: `Ebay_train.txt` and `Ebay_test.txt`, a header, then image_id, class_id, super_class_id and path
 * relative to the data set's folder (Oh Song et al. 2016).
 */
export const sop: DatasetReader = {
  title: "Stanford Online Products",
  signs: ["Ebay_test.txt"],
  async read(root) {
    const warnings: string[] = [];
    const images: ListedImage[] = [];
    for (const [file, part] of [
      ["Ebay_train.txt", "train"],
      ["Ebay_test.txt", "test"],
    ] as const) {
      const odd = new OddLines(file);
      for (const { fields } of await readList(root, file, 4, odd, "last", 1)) {
        images.push({ path: fields[3]!, label: fields[1]!, part });
      }
      warnings.push(...odd.warnings);
    }
    const note = "Stanford Online Products: images of Ebay_test.txt query each other, as in the papers";
    return { images, protocol: "by-class", note, ks: [1, 10, 100, 1000], warnings };
  },
};
