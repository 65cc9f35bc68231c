import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { access, open } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

/** Where the images of a query are by now. */
export interface Whereabouts {
  /** New place by the old one. Absolute paths. */
  readonly moved: ReadonlyMap<string, string>;
  /** Nowhere to be found. */
  readonly gone: readonly string[];
}

/** Follows images of queries that are renamed or moved, by their content. */
export class FollowedImages {
  /** An image of the index with a content; undefined where there is none. @param hash SHA-256, hexadecimal */
  readonly #find: (folder: string, hash: string) => Promise<string | undefined>;
  readonly #contents = new Map<string, Promise<string | undefined>>();

  /** @param find absolute path of an image of a folder's index with a content (SHA-256, hexadecimal) */
  constructor(find: (folder: string, hash: string) => Promise<string | undefined>) {
    this.#find = find;
  }

  /** To be called while the images are there. */
  remember(images: readonly string[]): void {
    for (const image of images) if (!this.#contents.has(image)) this.#contents.set(image, hashOf(image));
  }

  /** @param folder whose index knows what was moved */
  async look(folder: string, images: readonly string[]): Promise<Whereabouts> {
    const moved = new Map<string, string>();
    const gone: string[] = [];
    for (const image of images) {
      if (await isThere(image)) continue;
      const hash = await this.#contents.get(image);
      const found = hash === undefined ? undefined : await this.#find(folder, hash);
      if (found === undefined || !(await isThere(found))) gone.push(image);
      else moved.set(image, found);
    }
    return { moved, gone };
  }
}

function isThere(image: string): Promise<boolean> {
  return access(image).then(
    () => true,
    () => false,
  );
}

/** undefined where it cannot be read: then it cannot be followed. */
async function hashOf(image: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    // A pipe of that name would be waited for, for ever, in a thread that all files of the window share.
    const handle = await open(image, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    if (!(await handle.stat()).isFile()) return await handle.close().then(() => undefined);
    await pipeline(handle.createReadStream(), hash);
    return hash.digest("hex");
  } catch {
    return undefined;
  }
}
