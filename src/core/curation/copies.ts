import { promises as fs } from "node:fs";
import { setImmediate } from "node:timers/promises";
import pMap from "p-map";
import { type Appearance, appearanceOf, ImageError } from "../images/index.ts";
import { isSamePicture } from "./duplicates.ts";
import { groupPairs } from "./groupPairs.ts";

/** Images that are compared with all others between two looks at other work. */
const AT_ONCE = 32;
/** Looks that are kept, of 3 KB each. */
const KEPT = 8192;

/** A picture as it looked when the file had this state; null where it cannot be read. */
interface Look {
  readonly state: string;
  readonly look: Promise<Appearance | null>;
}

/**
 * Finds the same picture among some images by their appearance alone: no embedding is asked, so they may come from several
 * folders whose models do not compare. How a file looks is kept until it changes.
 */
export class CopyFinder {
  readonly #looks = new Map<string, Look>();

  /**
   * The time of the comparison grows with the square of the number of files, to seconds for thousands.
   * @param files absolute paths; of a picture the first one leads its group
   * @returns numbers of the files of each group of two or more, and how many files could not be read
   * @throws the signal's reason
   */
  async find(
    files: readonly string[],
    signal?: AbortSignal,
  ): Promise<{ readonly groups: readonly (readonly number[])[]; readonly skipped: number }> {
    const looks = await pMap(
      files,
      (file) => {
        signal?.throwIfAborted();
        return this.#look(file);
      },
      { concurrency: 4 },
    );
    const same = (a: number, b: number) => {
      const [one, other] = [looks[a]!, looks[b]!];
      return one !== null && other !== null && isSamePicture(one, other);
    };
    const pairs: [number, number][] = [];
    for (let a = 0; a < files.length; a++) {
      if (a % AT_ONCE === 0) await setImmediate();
      signal?.throwIfAborted();
      for (let b = a + 1; b < files.length; b++) if (same(a, b)) pairs.push([a, b]);
    }
    return {
      groups: groupPairs(pairs, (a, b) => a - b, same),
      skipped: looks.filter((look) => look === null).length,
    };
  }

  async #look(file: string): Promise<Appearance | null> {
    const stat = await fs.stat(file).catch(() => undefined);
    if (stat === undefined) return null;
    const state = `${stat.mtimeMs} ${stat.ctimeMs} ${stat.size}`;
    const known = this.#looks.get(file);
    if (known?.state === state) return known.look;
    const look = appearanceOf(file).catch((error: unknown) => {
      if (error instanceof ImageError) return null;
      throw error;
    });
    this.#looks.delete(file);
    this.#looks.set(file, { state, look });
    const [oldest] = this.#looks.keys();
    if (this.#looks.size > KEPT && oldest !== undefined) this.#looks.delete(oldest);
    return look;
  }
}
