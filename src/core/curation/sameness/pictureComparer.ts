import { setImmediate } from "node:timers/promises";
import { ImageError } from "../../images/index.ts";
import { isSamePicture, isSameStill, mayBeSame } from "./samePicture.ts";
import { CLOSE, COARSE, type SeenPicture, see, seeFrames } from "./seen.ts";

/** Pixels that are kept of pictures that were looked at, in bytes: at a small size, and closely. */
const KEPT = { [COARSE]: 96 << 20, [CLOSE]: 96 << 20 } as const;

/**
 * Looks at files closely and says which are the same picture. What was decoded is kept for the next pair, up to a limit: ask
 * for pairs that have a picture in common one after another. It takes files to stay as they are while it lives.
 */
export class PictureComparer {
  readonly #kept = { [COARSE]: new Kept(KEPT[COARSE]), [CLOSE]: new Kept(KEPT[CLOSE]) };

  /**
   * Whether two files show the same picture, perhaps in another size, format or quality or cut by a few pixels; of
   * animations, in all frames. False where one of them cannot be read.
   * @param a absolute path
   */
  async same(a: string, b: string): Promise<boolean> {
    try {
      // Most pairs that look alike from afar are told apart at a small size.
      if (!(await mayBeSame(await this.#see(a, COARSE), await this.#see(b, COARSE)))) return false;
      await setImmediate();
      const [one, other] = [await this.#see(a, CLOSE), await this.#see(b, CLOSE)];
      if (!(await isSamePicture(one, other))) return false;
      return one.frames === 1 || Buffer.compare(one.hash, other.hash) === 0 || (await haveSameFrames(a, b));
    } catch (error) {
      if (error instanceof ImageError) return false;
      throw error;
    } finally {
      await setImmediate();
    }
  }

  async #see(file: string, side: typeof COARSE | typeof CLOSE): Promise<SeenPicture> {
    const kept = this.#kept[side];
    const known = kept.get(file);
    if (known !== undefined) return known;
    const seen = await see(file, side);
    kept.set(file, seen);
    return seen;
  }
}

/** Whether all frames are the same; frames that repeat the one before count once, as some formats drop them. */
async function haveSameFrames(a: string, b: string): Promise<boolean> {
  const [one, other] = [await seeFrames(a), await seeFrames(b)];
  if (one === null || other === null) return false;
  const [p, q] = [withoutRepeats(one), withoutRepeats(other)];
  if (p.length !== q.length) return false;
  for (const [i, frame] of p.entries()) {
    if (!(await isSameStill(frame, q[i]!))) return false;
    await setImmediate();
  }
  return true;
}

/** Levels that a frame may differ by from one that it repeats. */
const REPEAT = 3;

function withoutRepeats(frames: readonly SeenPicture[]): SeenPicture[] {
  return frames.filter((frame, i) => {
    const before = frames[i - 1];
    return before === undefined || frame.pixels.some((v, k) => Math.abs(v - before.pixels[k]!) > REPEAT);
  });
}

/** The latest pictures, within a number of bytes. */
class Kept {
  readonly #most: number;
  readonly #pictures = new Map<string, SeenPicture>();
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get(file: string): SeenPicture | undefined {
    const picture = this.#pictures.get(file);
    if (picture === undefined) return undefined;
    this.#pictures.delete(file);
    this.#pictures.set(file, picture);
    return picture;
  }

  set(file: string, picture: SeenPicture): void {
    this.#pictures.set(file, picture);
    this.#bytes += picture.pixels.length;
    for (const [oldest, { pixels }] of this.#pictures) {
      if (this.#bytes <= this.#most || oldest === file) break;
      this.#pictures.delete(oldest);
      this.#bytes -= pixels.length;
    }
  }
}
