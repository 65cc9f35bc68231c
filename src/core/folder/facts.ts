import { setImmediate } from "node:timers/promises";
import type { Store } from "../index/index.ts";

/** Images that are looked up at once. */
const LOOKED_UP = 1024;

/**
 * Size and time of images, in the order of their paths: square pixels, and milliseconds since 1970 of the last change. NaN for one
 * that is not in the index.
 * @throws the signal's reason
 */
export async function factsOf(
  store: Store,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<{ readonly pixels: Float64Array; readonly modified: Float64Array }> {
  const pixels = new Float64Array(paths.length).fill(Number.NaN);
  const modified = new Float64Array(paths.length).fill(Number.NaN);
  const rows = new Map(paths.map((path, row) => [path, row]));
  // Looking up a hundred thousand takes a second.
  for (let at = 0; at < paths.length; at += LOOKED_UP) {
    await setImmediate();
    signal?.throwIfAborted();
    const some = paths.slice(at, at + LOOKED_UP);
    const found = (await store.findMany?.(some)) ?? (await Promise.all(some.map((path) => store.find(path))));
    for (const record of found) {
      if (record === undefined) continue;
      const row = rows.get(record.path)!;
      pixels[row] = record.width * record.height;
      modified[row] = record.mtimeMs;
    }
  }
  return { pixels, modified };
}
