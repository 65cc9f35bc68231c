import { setImmediate } from "node:timers/promises";
import { ImageError } from "../../images/index.ts";
import { type Apartness, apartness, BAND, mayBeSame, stillApartness } from "./samePicture.ts";
import { CLOSE, COARSE, type SeenPicture, see, seeFrames } from "./seen.ts";

/** Pixels that are kept of pictures that were looked at, in bytes: at a small size, and closely. */
const KEPT = { [COARSE]: 128 << 20, [CLOSE]: 256 << 20 } as const;

/**
 * What a close look says of two pictures: the same; perhaps the same, as far as can be told (one of them is so small or so coarse
 * that it may hide what differs); or two pictures.
 */
export type Sameness = "same" | "perhaps" | "other";

/**
 * Looks at files closely and says which are the same picture. What was decoded is kept for the next pair, up to a limit: ask
 * for pairs that have a picture in common one after another. It takes files to stay as they are while it lives.
 */
export class PictureComparer {
  readonly #kept = { [COARSE]: new Kept(KEPT[COARSE]), [CLOSE]: new Kept(KEPT[CLOSE]) };

  /**
   * Whether two files certainly show the same picture, in another size, format or quality or cut by a few pixels; of
   * animations, in all frames. False where one of them cannot be read.
   * @param a absolute path
   */
  async same(a: string, b: string): Promise<boolean> {
    return (await this.compare(a, b)) === "same";
  }

  /** The same in three grades. @param a absolute path */
  async compare(a: string, b: string): Promise<Sameness> {
    try {
      // Most pairs that look alike from afar are told apart at a small size.
      if (!(await mayBeSame(await this.#see(a, COARSE), await this.#see(b, COARSE)))) return "other";
      await setImmediate();
      const [one, other] = [await this.#see(a, CLOSE), await this.#see(b, CLOSE)];
      const first = await apartness(one, other);
      const whole = one.frames === 1 || Buffer.compare(one.hash, other.hash) === 0 || first.apart > BAND;
      return gradeOf(whole ? first : await framesApart(a, b));
    } catch (error) {
      if (error instanceof ImageError) return "other";
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

function gradeOf({ apart, hidden }: Apartness): Sameness {
  if (apart > BAND) return "other";
  return hidden || apart > 1 ? "perhaps" : "same";
}

const ANOTHER: Apartness = { apart: Number.POSITIVE_INFINITY, hidden: false };

/** The greatest of all frames; frames that repeat the one before count once, as some formats drop them. */
async function framesApart(a: string, b: string): Promise<Apartness> {
  const [one, other] = [await seeFrames(a), await seeFrames(b)];
  if (one === null || other === null) return ANOTHER;
  const [p, q] = [withoutRepeats(one), withoutRepeats(other)];
  if (p.length !== q.length) return ANOTHER;
  let most: Apartness = { apart: 0, hidden: false };
  for (const [i, frame] of p.entries()) {
    const { apart, hidden } = await stillApartness(frame, q[i]!);
    most = { apart: Math.max(most.apart, apart), hidden: most.hidden || hidden };
    if (apart > BAND) break;
    await setImmediate();
  }
  return most;
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
