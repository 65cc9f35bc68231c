import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { listed } from "../../../shared/index.ts";
import { PictureComparer } from "../../curation/index.ts";
import type { RunContext } from "./context.ts";
import type { EmbeddedImages } from "./embedImages.ts";

/** Training images per test image whose files are read: one that looks like more of them is no copy, but empty. */
const SUSPECTS = 8;

/**
 * Warns of test images that are the same picture as a training image in another size, format or quality: they make a
 * test look better than it is. Looks were taken while the images were embedded; only files that look alike are read again,
 * and held to what Find Duplicates holds them to.
 */
export async function tellCopies(run: RunContext, train: EmbeddedImages): Promise<void> {
  const { options, set, test, signal, emit } = run;
  if (train.looks === undefined || test.looks === undefined) return;
  const known = new Set(set.identical);
  const pictures = new PictureComparer();
  const copies: string[] = [];
  for (const [i, { path }] of test.images.entries()) {
    if (i % 16 === 0) await setImmediate();
    signal?.throwIfAborted();
    if (known.has(path)) continue;
    for (const j of train.looks.alike(test.looks, i, SUSPECTS)) {
      const suspect = train.images[j]!.path;
      if (!(await pictures.same(join(options.folder, path), join(options.folder, suspect)))) continue;
      copies.push(`${path} (${suspect})`);
      break;
    }
  }
  if (copies.length > 0) {
    emit({
      type: "warning",
      message: `Test images that are also training images in another size, format or quality, which makes the test look better than it is: ${listed(copies)}.`,
    });
  }
}
