import type { ImageNames, MatchKind } from "./imageNames.ts";
import { AMBIGUOUS } from "./pathEnds.ts";

/** Kinds of a match that are told, since they assume something of the row's path. */
export type AssumedKind = Exclude<MatchKind, "path">;

/** Names that are told; of the others only the number is. */
export const NAMED = 3;

export interface Some {
  count: number;
  readonly first: string[];
}

export function note(some: Some, text: string): void {
  some.count++;
  if (some.first.length < NAMED) some.first.push(text);
}

interface Claim<T> {
  readonly image: number;
  readonly value: string;
  readonly root: string;
  readonly weak: boolean;
  readonly kind: AssumedKind;
  readonly row: T;
}

/**
 * Gives rows to images, one by one. What a row says by the end of a path of another place, or in another case, counts only where nothing says the
 * same image more surely, and no other path claims the same image: two files elsewhere are not one here. Where such paths begin is learned
 * from those whose end is an image's whole path; another path that begins there must be in the folder in the same place.
 */
export class RowMatches<T> {
  readonly assumed: Record<AssumedKind, number> = { letters: 0, name: 0, stem: 0, end: 0 };
  /** Rows of none of the images. */
  readonly unknown: Some = { count: 0, first: [] };
  /** Rows that may be about several images, or an image that several rows may be about. */
  readonly ambiguous: Some = { count: 0, first: [] };
  readonly #names: ImageNames;
  readonly #give: (image: number, row: T) => void;
  /** uint8 per image: whether a row is surely about it. */
  readonly #sure: Uint8Array;
  readonly #claims: Claim<T>[] = [];
  readonly #roots = new Set<string>();

  /** @param give is told of each row and its image; rows that wait come in `end` */
  constructor(names: ImageNames, images: number, give: (image: number, row: T) => void) {
    this.#names = names;
    this.#give = give;
    this.#sure = new Uint8Array(images);
  }

  /** @param value what the row calls its image */
  add(value: string, row: T): void {
    const found = this.#names.find(value);
    if (found === undefined || found === AMBIGUOUS) {
      // A field without a name would leave a hole in what is told.
      note(found === AMBIGUOUS ? this.ambiguous : this.unknown, value.trim() === "" ? '""' : value);
      return;
    }
    const { image, kind, root, weak, unsure } = found;
    if (unsure && kind !== "path") {
      if (kind === "end" && !weak) this.#roots.add(root);
      this.#claims.push({ image, value, root, weak, kind, row });
      return;
    }
    if (kind !== "path") this.assumed[kind]++;
    this.#sure[image] = 1;
    this.#give(image, row);
  }

  /** To be called after the last row. */
  end(): void {
    for (const weak of [false, true]) {
      const byImage = new Map<number, Claim<T>[]>();
      for (const claim of this.#claims) {
        if (claim.weak !== weak) continue;
        if (this.#sure[claim.image] === 1 || (weak && this.#isElsewhere(claim))) note(this.unknown, claim.value);
        else byImage.set(claim.image, [...(byImage.get(claim.image) ?? []), claim]);
      }
      for (const [image, claims] of byImage) {
        this.#sure[image] = 1;
        const isOne = claims.every(({ value }) => value === claims[0]!.value);
        for (const { value, kind, row } of claims) {
          if (!isOne) note(this.ambiguous, value);
          else {
            this.assumed[kind]++;
            this.#give(image, row);
          }
        }
      }
    }
  }

  /** Whether the path begins where others begin whose whole rest is in the folder. */
  #isElsewhere({ root }: Claim<T>): boolean {
    let start = "";
    for (const part of ["", ...root.split(/(?<=\/)/)]) {
      start += part;
      if (this.#roots.has(start)) return true;
    }
    return false;
  }
}
