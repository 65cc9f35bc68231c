import type { Box } from "../../shared/index.ts";
import { type DecodedImage, decodeForModel, ImageError } from "../images/index.ts";
import type { Embedder } from "../runtime/index.ts";
import { type Gallery, normalise } from "../search/index.ts";

/** Splits an embedding; each branch is brought to norm 1, which float16 rounding disturbs. @returns copies */
export function branchesOf(embedding: Float32Array, dims: readonly number[]): Float32Array[] {
  let offset = 0;
  return dims.map((dim) => {
    offset += dim;
    const branch = embedding.slice(offset - dim, offset);
    normalise(branch);
    return branch;
  });
}

/** Pixels of an image file, or a part of it, as a model takes them. @throws ImageError that names the file */
export async function decodeQuery(embedder: Embedder, image: string, box?: Box): Promise<DecodedImage> {
  try {
    return await decodeForModel(image, embedder.manifest.input, box);
  } catch (error) {
    if (error instanceof ImageError) throw new ImageError(`${image}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Embeds an image file, or a part of it. @returns the branches. @throws ImageError that names the file */
export async function embedImage(embedder: Embedder, image: string, box?: Box): Promise<Float32Array[]> {
  const row = await embedder.embed((await decodeQuery(embedder, image, box)).pixels, 1);
  let offset = 0;
  return embedder.manifest.descriptors.map(({ dim }) => {
    offset += dim;
    return row.subarray(offset - dim, offset);
  });
}

/** Tells the rows of a gallery that lie under a folder and are accepted; undefined where all are. */
export function insideOf(
  gallery: Pick<Gallery, "pathOf">,
  folder = "",
  accepts?: (path: string) => boolean,
): ((row: number) => boolean) | undefined {
  const prefix = folder.replace(/\/+$/, "");
  if (prefix === "" && accepts === undefined) return undefined;
  return (row) => {
    const path = gallery.pathOf(row);
    return (prefix === "" || path.startsWith(`${prefix}/`)) && accepts?.(path) !== false;
  };
}
