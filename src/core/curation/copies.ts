import { promises as fs } from "node:fs";
import pMap from "p-map";
import { type Appearance, appearanceOf, ImageError } from "../images/index.ts";
import { groupPictures } from "./groupPictures.ts";
import { Looks, PictureComparer, type Sameness } from "./sameness/index.ts";

/** Looks that are kept, of 3 KB each, and answers to whether two files are the same. */
const KEPT = 8192;

/** A picture as it looked when the file had this state; null where it cannot be read. */
interface Look {
  readonly state: string;
  readonly look: Promise<Appearance | null>;
}

/**
 * Finds the same picture among some images by looking at them alone: no embedding is asked, so they may come from several
 * folders whose models do not compare. How a file looks, and which are the same, is kept until they change.
 */
export class CopyFinder {
  readonly #looks = new Map<string, Look>();
  readonly #answers = new Map<string, Sameness>();

  /**
   * @param files absolute paths; of a picture the first one leads its group
   * @returns numbers of the files of each group of two or more that are certainly the same, and how many files could not be read
   * @throws the signal's reason
   */
  async find(
    files: readonly string[],
    signal?: AbortSignal,
  ): Promise<{ readonly groups: readonly (readonly number[])[]; readonly skipped: number }> {
    const seen = await pMap(
      files,
      async (file) => {
        signal?.throwIfAborted();
        return { file, ...(await this.#look(file)) };
      },
      { concurrency: 4 },
    );
    const numbers = [...seen.keys()].filter((i) => seen[i]!.appearance !== null);
    const looks = new Looks(numbers.length);
    for (const [i, number] of numbers.entries()) looks.set(i, seen[number]!.appearance!);
    const comparer = new PictureComparer();
    const { groups } = await groupPictures(
      [...numbers.keys()],
      (i) => ({ near: looks.alike(looks, i), far: [] }),
      (i, j) => {
        signal?.throwIfAborted();
        return this.#compare(comparer, seen[numbers[i]!]!, seen[numbers[j]!]!);
      },
    );
    return {
      groups: groups.map((group) => group.map((i) => numbers[i]!)),
      skipped: files.length - numbers.length,
    };
  }

  async #compare(comparer: PictureComparer, a: Seen, b: Seen): Promise<Sameness> {
    const pair = [`${a.file} ${a.state}`, `${b.file} ${b.state}`].sort().join("\n");
    const known = this.#answers.get(pair);
    if (known !== undefined) return known;
    const sameness = await comparer.compare(a.file, b.file);
    keep(this.#answers, pair, sameness);
    return sameness;
  }

  async #look(file: string): Promise<Omit<Seen, "file">> {
    const stat = await fs.stat(file).catch(() => undefined);
    if (stat === undefined) return { state: "", appearance: null };
    const state = `${stat.mtimeMs} ${stat.size}`;
    const known = this.#looks.get(file);
    if (known?.state === state) return { state, appearance: await known.look };
    const look = appearanceOf(file).catch((error: unknown) => {
      if (error instanceof ImageError) return null;
      throw error;
    });
    keep(this.#looks, file, { state, look });
    return { state, appearance: await look };
  }
}

/** A file in a state, and how it looks; null where it cannot be read. */
interface Seen {
  readonly file: string;
  readonly state: string;
  readonly appearance: Appearance | null;
}

/** Keeps the latest. */
function keep<V>(kept: Map<string, V>, key: string, value: V): void {
  kept.delete(key);
  kept.set(key, value);
  const [oldest] = kept.keys();
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
}
