import { setImmediate } from "node:timers/promises";
import type { Store } from "../index/index.ts";

/** Size and time of images, in the order of their paths; NaN for one that is not in the index. @throws the signal's reason */
export async function factsOf(
  store: Store,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<{ readonly pixels: Float64Array; readonly modified: Float64Array }> {
  const pixels = new Float64Array(paths.length).fill(Number.NaN);
  const modified = new Float64Array(paths.length).fill(Number.NaN);
  for (const [i, path] of paths.entries()) {
    // Looking up a hundred thousand takes a second.
    if (i % 1024 === 1023) await setImmediate();
    signal?.throwIfAborted();
    const record = await store.find(path);
    if (record === undefined) continue;
    pixels[i] = record.width * record.height;
    modified[i] = record.mtimeMs;
  }
  return { pixels, modified };
}
