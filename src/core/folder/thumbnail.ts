import { isGone, makeThumbnail, type ThumbnailImage } from "../images/index.ts";
import type { ThumbnailCache } from "../index/index.ts";
import { placeOf } from "./filePlace.ts";
import type { FolderInUse } from "./folderInUse.ts";

/** A small picture of an image file, from the cache where the file is indexed. @throws ImageError */
export async function thumbnailOf(
  use: FolderInUse,
  cache: ThumbnailCache,
  image: string,
  size: number,
): Promise<ThumbnailImage> {
  const { path, current } = await placeOf(use, image);
  const record = path !== null && current ? await use.current.store.find(path) : undefined;
  if (record === undefined) return makeThumbnail(image, size);
  const cached = cache.get(record.hash, size);
  if (cached !== undefined) return { bytes: cached, width: record.width, height: record.height };
  const made = await makeThumbnail(image, size).catch(async (error: unknown) => {
    // Of a file that only another machine has.
    const shared = isGone(error) ? await use.place.thumbnails?.get(record.hash) : undefined;
    if (shared === undefined) throw error;
    return shared;
  });
  cache.put(record.hash, size, made.bytes);
  return made;
}
