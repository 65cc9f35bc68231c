import { fileHashes } from "./fileHashes.ts";
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
  const suspects = test.filter(({ size }) => trainSizes.has(size));
  const hashes = new Set((await fileHashes(folder, candidates, signal)).map((hash) => hash?.toString("hex")));
  const found = await fileHashes(folder, suspects, signal);
  return suspects.flatMap(({ path }, i) => {
    const hash = found[i];
    return hash != null && hashes.has(hash.toString("hex")) ? [path] : [];
  });
}
