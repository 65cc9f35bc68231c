import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import pMap from "p-map";
import type { Split } from "./split.ts";

/**
 * Test images whose file is also a training image, byte by byte: they make a test look better than it is. Only files of
 * equal size are read.
 * @returns paths of the test images
 */
export async function duplicatesAcross(
  folder: string,
  { train, test }: Split,
  signal?: AbortSignal,
): Promise<string[]> {
  const sizes = new Set(test.map(({ size }) => size));
  const candidates = train.filter(({ size }) => sizes.has(size));
  const trainSizes = new Set(candidates.map(({ size }) => size));
  const options = { concurrency: 4, ...(signal === undefined ? {} : { signal }) };
  const hashes = new Set(await pMap(candidates, ({ path }) => hashOf(join(folder, path)), options));
  const suspects = test.filter(({ size }) => trainSizes.has(size));
  const found = await pMap(suspects, async ({ path }) => ({ path, hash: await hashOf(join(folder, path)) }), options);
  return found.flatMap(({ path, hash }) => (hash !== null && hashes.has(hash) ? [path] : []));
}

/** null for a file that cannot be read: embedding it will say so. */
async function hashOf(file: string): Promise<string | null> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(file), hash);
    return hash.digest("hex");
  } catch {
    return null;
  }
}
