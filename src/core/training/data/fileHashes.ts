import { createHash } from "node:crypto";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import pMap from "p-map";
import { openRegularFile } from "../../files/index.ts";

/**
 * SHA-256 of some images' files.
 * @returns in their order; null for a file that cannot be read: embedding it will say so
 */
export async function fileHashes(
  folder: string,
  images: readonly { readonly path: string }[],
  signal?: AbortSignal,
): Promise<(Buffer | null)[]> {
  const options = { concurrency: 4, ...(signal === undefined ? {} : { signal }) };
  return pMap(images, ({ path }) => hashOf(join(folder, path)), options);
}

async function hashOf(file: string): Promise<Buffer | null> {
  const hash = createHash("sha256");
  try {
    await pipeline((await openRegularFile(file)).createReadStream(), hash);
    return hash.digest();
  } catch {
    return null;
  }
}
