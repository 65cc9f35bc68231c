import { join } from "node:path";
import { Looks } from "../../curation/index.ts";
import { FileError } from "../../files/index.ts";
import type { LabelledImage } from "../data/labelledImages.ts";
import type { EmbeddedImages } from "./embedImages.ts";
import { readTensorFile, writeTensorFile } from "./tensorFile.ts";

interface Meta {
  /** What the embeddings depend on: another key, and they are made again. */
  readonly key: string;
  readonly each: number;
  readonly dims: readonly number[];
  readonly images: readonly LabelledImage[];
  readonly looks: string | null;
}

/** Ends the names of files that can be made again; a run removes them when it is done. */
export const CACHE_SUFFIX = ".cache";

/** Reads embeddings from the run folder, or makes and keeps them there. @param warn where they cannot be kept */
export async function cachedEmbeddings(
  runFolder: string,
  name: string,
  key: string,
  make: () => Promise<EmbeddedImages>,
  warn: (message: string) => void,
): Promise<EmbeddedImages> {
  const file = join(runFolder, `${name}${CACHE_SUFFIX}`);
  const kept = await readTensorFile(file);
  // Only this module writes such files, whole, and their key says with what.
  const meta = kept?.meta as Meta | undefined;
  if (kept !== null && meta?.key === key) {
    const matrices = meta.dims.map((_, b) => kept.tensors.get(String(b))!);
    return {
      images: meta.images,
      each: meta.each,
      rows: { count: meta.images.length * meta.each, dims: meta.dims, matrices },
      ...(meta.looks === null ? {} : { looks: Looks.fromText(meta.looks) }),
    };
  }
  const made = await make();
  const { images, each, rows, looks } = made;
  try {
    const tensors = new Map(rows.matrices.map((matrix, b) => [String(b), matrix]));
    const meta: Meta = { key, each, dims: rows.dims, images, looks: looks?.toText() ?? null };
    await writeTensorFile(file, meta, tensors);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    warn(`The embeddings cannot be kept for a resumed run: ${error.message}`);
  }
  return made;
}
