import { Chance } from "../search/index.ts";
import type { HeldImages } from "./heldImages.ts";

/** What scores are chance among images in memory; kept until they are others. */
export class HeldChances {
  /** Of so many images. */
  #chance: { readonly count: number; readonly of: Chance | null } | undefined;
  #words: { readonly count: number; readonly score: number | null } | undefined;

  /** null where the images are too few to tell. */
  async of(held: HeldImages): Promise<Chance | null> {
    const { count } = held;
    if (this.#chance === undefined || isOther(count, this.#chance.count)) {
      this.#chance = { count, of: Chance.of(await sampleOf(held)) };
    }
    return this.#chance.of;
  }

  /** Up to which score words are like the images by chance. @param words embeddings in the space of the branch */
  async ofWords(held: HeldImages, branch: number, words: () => readonly Float32Array[]): Promise<number | null> {
    const { count } = held;
    if (this.#words === undefined || isOther(count, this.#words.count)) {
      const images = (await sampleOf(held)).map((branches) => branches[branch]!);
      this.#words = { count, score: Chance.limitOfWords(images, words()) };
    }
    return this.#words.score;
  }
}

/** A folder that grows a little has the same chances. */
const isOther = (count: number, before: number): boolean => Math.abs(count - before) > count / 50;

/** The branches of images that stand for all. */
async function sampleOf(held: HeldImages): Promise<Float32Array[][]> {
  const paths = Chance.sample(held.count).map((row) => held.pathOf(row));
  return (await held.branchesOf(paths)).filter((branches) => branches !== undefined);
}
