import type { PageThumbnail } from "../src/shared/index.ts";

export interface LoadedThumbnail {
  /** A blob URL. */
  readonly url: string;
  /** Of the original image, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** Thumbnails that were loaded, the latest used last; beyond this many the oldest are let go. */
const KEPT = 800;

/** Loads each thumbnail once, however many cards show it. */
export class ThumbnailStore {
  readonly #request: (path: string) => Promise<PageThumbnail>;
  readonly #loaded = new Map<string, Promise<LoadedThumbnail>>();
  /** Of those, what has arrived. */
  readonly #there = new Map<string, LoadedThumbnail>();

  constructor(request: (path: string) => Promise<PageThumbnail>) {
    this.#request = request;
  }

  /** Rejects with the reason where the file cannot be shown; a later call tries again. */
  load(path: string): Promise<LoadedThumbnail> {
    const before = this.#loaded.get(path);
    const loaded = before ?? this.#load(path);
    if (before === undefined) void this.#keep(path, loaded);
    this.#loaded.delete(path);
    this.#loaded.set(path, loaded);
    if (this.#loaded.size > KEPT) this.#dropOldest();
    return loaded;
  }

  /** What was loaded before: a card that shows another image has its picture at once. */
  there(path: string): LoadedThumbnail | undefined {
    return this.#there.get(path);
  }

  async #keep(path: string, loading: Promise<LoadedThumbnail>): Promise<void> {
    const loaded = await loading.catch(() => undefined);
    // Let go meanwhile, it is nobody's any more.
    if (loaded !== undefined && this.#loaded.get(path) === loading) this.#there.set(path, loaded);
  }

  async #load(path: string): Promise<LoadedThumbnail> {
    try {
      const { bytes, width, height } = await this.#request(path);
      // A copy, since the bytes may be a view of a larger message.
      const url = URL.createObjectURL(new Blob([Uint8Array.from(bytes)], { type: "image/webp" }));
      return { url, width, height };
    } catch (error) {
      this.#loaded.delete(path);
      throw error;
    }
  }

  /** Lets all go: paths name other files from now on. */
  dispose(): void {
    while (this.#loaded.size > 0) this.#dropOldest();
  }

  #dropOldest(): void {
    const [path, oldest] = this.#loaded.entries().next().value!;
    this.#loaded.delete(path);
    this.#there.delete(path);
    // What is on screen stays: a picture needs its URL only until it is decoded.
    oldest.then(({ url }) => URL.revokeObjectURL(url)).catch(() => {});
  }
}
