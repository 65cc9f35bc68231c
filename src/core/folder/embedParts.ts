import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { pMapIterable } from "p-map";
import type { Box } from "../../shared/index.ts";
import type { FolderInUse } from "./folderInUse.ts";
import { decodeQuery } from "./queryParts.ts";

/** In pixels of the upright image. */
interface PartOfImage {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Images that are embedded at once. */
const BATCH = 8;

/**
 * Embeds a part of each of some indexed images; nothing is kept of them.
 * @param paths relative to the folder; those that are not indexed are passed over
 * @param partOf what lies outside the image is cut off
 * @returns one float32 `[sum of dims]` per path, which is reused, and how many are done
 * @throws ImageError where a file cannot be decoded; the signal's reason
 */
export async function* embedParts(
  use: FolderInUse,
  paths: readonly string[],
  partOf: (path: string) => PartOfImage,
  signal?: AbortSignal,
): AsyncGenerator<{ readonly path: string; readonly embedding: Float32Array; readonly done: number }> {
  const { embedder, store } = use.current;
  const decode = async (path: string) => {
    const record = await store.find(path);
    if (record === undefined) return null;
    const { pixels } = await decodeQuery(embedder, join(use.folder, path), boxOf(partOf(path), record));
    return { path, pixels };
  };
  let batch: { readonly path: string; readonly pixels: Uint8Array }[] = [];
  let done = 0;
  async function* flush() {
    if (batch.length === 0) return;
    const rows = await embedder.embed(Buffer.concat(batch.map(({ pixels }) => pixels)), batch.length);
    for (const [i, { path }] of batch.entries()) {
      yield { path, embedding: rows.subarray(i * embedder.dim, (i + 1) * embedder.dim), done: ++done };
    }
    batch = [];
    // The run held the event loop; whoever waits goes first.
    await setImmediate();
  }
  for await (const decoded of pMapIterable(paths, decode, { concurrency: 4, backpressure: 2 * BATCH })) {
    signal?.throwIfAborted();
    if (decoded !== null) batch.push(decoded);
    if (batch.length === BATCH) yield* flush();
  }
  yield* flush();
}

function boxOf(part: PartOfImage, image: { readonly width: number; readonly height: number }): Box {
  const left = Math.max(0, Math.min(1, part.x / image.width));
  const top = Math.max(0, Math.min(1, part.y / image.height));
  const right = Math.max(left, Math.min(1, (part.x + part.width) / image.width));
  const bottom = Math.max(top, Math.min(1, (part.y + part.height) / image.height));
  return { x: left, y: top, width: right - left, height: bottom - top };
}
