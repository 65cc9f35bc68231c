import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { listed } from "../../../shared/index.ts";
import { PictureComparer } from "../../curation/index.ts";
import type { RunContext } from "./context.ts";
import type { EmbeddedImages } from "./embedImages.ts";

/** Test images that one is compared with: what looks like more of them is empty, and no copy. */
const SUSPECTS = 8;

/**
 * Which test images are the same picture: a number per image, the same for copies of each other. A query that finds its own copy
 * has found nothing.
 * @returns undefined where no image has a copy in the test
 */
export async function testCopies(
  folder: string,
  { images, looks }: EmbeddedImages,
  { emit, signal }: Pick<RunContext, "emit" | "signal">,
): Promise<Int32Array | undefined> {
  if (looks === undefined) return undefined;
  const pictures = new PictureComparer();
  const groups = Int32Array.from(images, (_, i) => i);
  const told: string[] = [];
  for (const [i, { path }] of images.entries()) {
    if (i % 16 === 0) await setImmediate();
    signal?.throwIfAborted();
    const before = looks.alike(looks, i).filter((j) => j < i);
    for (const j of before.slice(0, SUSPECTS)) {
      const other = images[j]!.path;
      if (!(await pictures.same(join(folder, path), join(folder, other)))) continue;
      groups[i] = groups[j]!;
      told.push(`${path} (${other})`);
      break;
    }
  }
  if (told.length === 0) return undefined;
  emit({
    type: "warning",
    message: `Test images that are the same picture as another test image, so a query may find its own copy: ${listed(told)}. A second figure is given without such answers.`,
  });
  return groups;
}
