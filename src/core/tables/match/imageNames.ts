import { dirname, isAbsolute, posix, relative, resolve, sep } from "node:path";
import { isImageName, withoutGuard } from "../../../shared/index.ts";
import { AMBIGUOUS, PathEnds } from "./pathEnds.ts";

/**
 * How a row found its image. `path`: relative to the folder or the table, or absolute. `letters`: the same path with composed
 * letters for decomposed ones, or the other way. `name`: a file name that only one image has. `stem`: likewise, without its ending.
 * `end`: a path of another place, by its longest end that only one image has.
 */
export type MatchKind = "path" | "letters" | "name" | "stem" | "end";

export interface Match {
  readonly image: number;
  readonly kind: MatchKind;
  /** Of an `end`: what stands before it in the row's path; empty for the others. */
  readonly root: string;
  /** Of an `end`: whether the image lies in folders that the row's path does not end with. */
  readonly weak: boolean;
}

/** Finds images by what a row of a table calls them. */
export class ImageNames {
  readonly #folder: string;
  readonly #table: string;
  readonly #images: readonly string[];
  readonly #byPath: ReadonlyMap<string, number>;
  readonly #ends: PathEnds;
  readonly #stems: PathEnds;

  /**
   * @param images relative to `folder`, with `/`
   * @param table absolute path of the table
   */
  constructor(images: readonly string[], folder: string, table: string) {
    this.#images = images;
    this.#folder = folder;
    this.#table = dirname(table);
    this.#byPath = new Map(images.map((path, i) => [path, i]));
    this.#ends = new PathEnds(images);
    this.#stems = new PathEnds(images, stemOf);
  }

  /** @returns `AMBIGUOUS` where several images may be meant, undefined where none is */
  find(value: string): Match | typeof AMBIGUOUS | undefined {
    const text = withoutGuard(value.trim());
    const exact = this.#byPath.get(text);
    if (exact !== undefined) return certain(exact, "path");
    const { path, full, foreign } = tidy(text);
    if (path === "") return undefined;
    const here = isAbsolute(text) ? inside(this.#folder, text) : undefined;
    const ways = here !== undefined ? [here] : foreign ? [] : this.#waysTo(path);
    for (const way of ways) {
      const image = this.#byPath.get(way);
      if (image !== undefined) return certain(image, "path");
    }
    for (const way of ways) {
      const image = this.#ends.whole(way.normalize("NFC"));
      if (image !== undefined) return image === AMBIGUOUS ? image : certain(image, "letters");
    }
    // What would lie in this very folder is not there.
    if (here !== undefined && isImageName(path)) return undefined;
    const isName = isImageName(path);
    const ends = isName ? this.#ends : this.#stems;
    const name = path.normalize("NFC");
    const found = foreign ? ends.longest(name) : ends.within(name);
    if (found === undefined || found === AMBIGUOUS) return found;
    const { image, parts } = found;
    const whole = this.#images[image]!.split("/").length === parts;
    const all = name.split("/").length === parts;
    if (all && !foreign && (parts === 1 || (whole && !isName))) return certain(image, isName ? "name" : "stem");
    const end = name.split("/").slice(-parts).join("/");
    const root = full.normalize("NFC").slice(0, -end.length);
    return { image, kind: "end", root, weak: foreign && !whole };
  }

  /** Paths relative to the folder that are meant if the row's path is relative to the folder or to the table. */
  #waysTo(path: string): string[] {
    const beside = inside(this.#folder, resolve(this.#table, path));
    return beside === undefined || beside === path ? [path] : [path, beside];
  }
}

function certain(image: number, kind: MatchKind): Match {
  return { image, kind, root: "", weak: false };
}

/** A path with `/`, as it is and as images are named, and whether it begins outside of the folder: at a root or a drive. */
function tidy(text: string): { readonly path: string; readonly full: string; readonly foreign: boolean } {
  const full = posix.normalize(text.replace(/^file:\/\//i, "").replaceAll("\\", "/"));
  const inner = full.replace(/^([A-Za-z]:)?\/+/, "");
  const path = inner.replace(/^(\.\.\/)+/, "");
  return { path: path === "." || path === ".." ? "" : path, full, foreign: inner !== full };
}

/** A path inside the folder, relative to it with `/`; undefined for one outside. */
function inside(folder: string, path: string): string | undefined {
  const way = relative(folder, path);
  if (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) return undefined;
  return way.split(sep).join("/");
}

function stemOf(path: string): string {
  return path.replace(/\.[^./]*$/, "");
}
