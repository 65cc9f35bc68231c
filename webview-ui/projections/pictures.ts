import type { PictureSource } from "../plot/plotTypes.ts";
import type { ThumbnailStore } from "../thumbnailStore.ts";

/** Thumbnails that are asked for at a time. */
const AT_ONCE = 4;

/** The pictures that stand for the points in view. Points that leave it are not waited for any more. */
export class Pictures {
  readonly #changed: (pictures: ReadonlyMap<number, PictureSource>) => void;
  /** Rows in view, with the paths of their images. */
  #wanted: ReadonlyMap<number, string> = new Map();
  #loaded = new Map<number, PictureSource>();
  #waiting: number[] = [];
  #underWay = 0;

  constructor(changed: (pictures: ReadonlyMap<number, PictureSource>) => void) {
    this.#changed = changed;
  }

  /** @param wanted paths by row; none where there is no store */
  show(wanted: ReadonlyMap<number, string>, store: ThumbnailStore | undefined): void {
    const before = this.#wanted;
    this.#wanted = wanted;
    this.#loaded = new Map([...this.#loaded].filter(([row]) => wanted.get(row) === before.get(row) && wanted.has(row)));
    this.#waiting = [...wanted.keys()].filter((row) => !this.#loaded.has(row));
    this.#changed(new Map(this.#loaded));
    if (store !== undefined) this.#next(store);
  }

  #next(store: ThumbnailStore): void {
    while (this.#underWay < AT_ONCE && this.#waiting.length > 0) {
      const row = this.#waiting.shift()!;
      this.#underWay++;
      void this.#load(row, this.#wanted.get(row)!, store).finally(() => {
        this.#underWay--;
        this.#next(store);
      });
    }
  }

  async #load(row: number, path: string, store: ThumbnailStore): Promise<void> {
    try {
      const { url, width, height } = await store.load(path);
      const image = new Image();
      image.src = url;
      await image.decode();
      if (this.#wanted.get(row) !== path) return;
      this.#loaded.set(row, { image, width, height });
      this.#changed(new Map(this.#loaded));
    } catch {
      // A file that cannot be shown stays a point; its card says why.
    }
  }
}
