import type { Compressors } from "hyparquet";
import { compressors, decompressZstd } from "hyparquet-compressors";
import { LIMITS } from "../limits.ts";

/** A page that unfolds to more than is read. */
export class PageTooLarge extends Error {
  override readonly name = "PageTooLarge";
}

/** All codecs of Parquet, but none unfolds a page beyond the limit: what a page says of its own length is somebody else's word. */
export const LIMITED: Compressors = Object.fromEntries(
  // Into a buffer of that length: a frame of zstd has a word of its own.
  Object.entries({
    ...compressors,
    ZSTD: (input, length) => decompressZstd(input, new Uint8Array(length)),
  } satisfies Compressors).map(([codec, decompress]) => [
    codec,
    (input: Uint8Array, length: number) => {
      // Some writers leave out an empty page altogether.
      if (length === 0) return new Uint8Array();
      if (!(length >= 0 && length <= LIMITS.pageBytes)) throw new PageTooLarge(`${length} bytes`);
      return decompress(input, length);
    },
  ]),
);
