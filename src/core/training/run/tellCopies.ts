import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { listed } from "../../../shared/index.ts";
import { PictureComparer } from "../../curation/index.ts";
import type { RunContext } from "./context.ts";
import type { EmbeddedImages } from "./embedImages.ts";

/** Training images per test image whose files are read: one that looks like more of them is no copy, but empty. */
const SUSPECTS = 8;
/** Pairs that are compared closely: in a set of drawings of one kind all look alike from afar. */
const MOST_LOOKS = 100;

/**
 * Warns of test images that are the same picture as a training image in another size, format or quality: they make a
 * test look better than it is. Looks were taken while the images were embedded; only files that look alike are read again,
 * and held to what Find Duplicates holds them to.
 */
export async function tellCopies(run: RunContext, train: EmbeddedImages): Promise<void> {
  const { options, set, test, signal, emit } = run;
  if (train.looks === undefined || test.looks === undefined) return;
  const known = new Set(set.identical);
  const suspects = test.images.map(({ path }, i) =>
    known.has(path) ? [] : [...train.looks!.alike(test.looks!, i, SUSPECTS)].map((j) => train.images[j]!.path),
  );
  const pictures = new PictureComparer();
  const copies = new Map<string, string>();
  let looked = 0;
  let left = 0;
  // The likeliest of each first.
  for (let rank = 0; rank < SUSPECTS; rank++) {
    for (const [i, { path }] of test.images.entries()) {
      const suspect = suspects[i]![rank];
      if (suspect === undefined || copies.has(path)) continue;
      if (looked >= MOST_LOOKS) {
        left++;
        continue;
      }
      if (looked++ % 16 === 0) await setImmediate();
      signal?.throwIfAborted();
      if (await pictures.same(join(options.folder, path), join(options.folder, suspect)))
        copies.set(path, `${path} (${suspect})`);
    }
  }
  if (copies.size > 0) {
    emit({
      type: "warning",
      message: `Test images that are also training images in another size, format or quality, which makes the test look better than it is: ${listed([...copies.values()])}.${left > 0 ? ` ${left} more pairs look alike from afar and were not compared.` : ""}`,
    });
  }
}
