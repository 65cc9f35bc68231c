import { join } from "node:path";
import { isSamePicture } from "../../curation/index.ts";
import { type Appearance, appearanceOf, ImageError } from "../../images/index.ts";

/** Holds files that look alike to what Find Duplicates holds them to; each is read once. */
export class PictureComparison {
  readonly #folder: string;
  readonly #read = new Map<string, Promise<Appearance | null>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @returns false also where one of the files cannot be read */
  async areSame(path: string, other: string): Promise<boolean> {
    const [one, two] = await Promise.all([this.#appearance(path), this.#appearance(other)]);
    return one !== null && two !== null && isSamePicture(one, two);
  }

  #appearance(path: string): Promise<Appearance | null> {
    const reading = this.#read.get(path) ?? appearanceOrNull(join(this.#folder, path));
    this.#read.set(path, reading);
    return reading;
  }
}

async function appearanceOrNull(file: string): Promise<Appearance | null> {
  try {
    return await appearanceOf(file);
  } catch (error) {
    if (error instanceof ImageError) return null;
    throw error;
  }
}
