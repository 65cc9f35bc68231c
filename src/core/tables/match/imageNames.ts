import { dirname, isAbsolute, posix, relative, resolve, sep } from "node:path";
import { isImageName, withoutGuard } from "../../../shared/index.ts";
import { AMBIGUOUS, PathEnds } from "./pathEnds.ts";

/**
 * How a row found its image. `path`: relative to the folder or the table, or absolute. `letters`: the same path with letters in
 * another form: composed or decomposed, in another case, as in an address (`%20`). `name`: a file name that only one image has. `stem`: likewise, without its ending.
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
  /** It counts only where nothing names the same image more surely: an `end`, or what is right in another case. */
  readonly unsure: boolean;
}

/** Images by what is asked for. */
interface Ways {
  readonly byPath: ReadonlyMap<string, number>;
  readonly ends: PathEnds;
  readonly stems: PathEnds;
  readonly folder: string;
}

/** Finds images by what a row of a table calls them. */
export class ImageNames {
  readonly #folder: string;
  readonly #table: string;
  readonly #images: readonly string[];
  readonly #asWritten: Ways;
  #inAnyCase: Ways | undefined;

  /**
   * @param images relative to `folder`, with `/`
   * @param table absolute path of the table
   */
  constructor(images: readonly string[], folder: string, table: string) {
    this.#images = images;
    this.#folder = folder;
    this.#table = dirname(table);
    this.#asWritten = {
      byPath: new Map(images.map((path, i) => [path, i])),
      ends: new PathEnds(images),
      stems: new PathEnds(images, stemOf),
      folder,
    };
  }

  /** @returns `AMBIGUOUS` where several images may be meant, undefined where none is */
  find(value: string): Match | typeof AMBIGUOUS | undefined {
    // A name may begin or end with a space.
    const written = this.#asWritten.byPath.get(value);
    if (written !== undefined) return certain(written, "path");
    const text = withoutGuard(value.trim());
    const plain = unescaped(text);
    return (
      this.#findBy(text, this.#asWritten) ??
      (plain === undefined ? undefined : inLetters(this.#findBy(plain, this.#asWritten))) ??
      this.#findInAnyCase(plain ?? text)
    );
  }

  /** Windows and macOS take names in another case for the same, and so do tables that come from there. */
  #findInAnyCase(text: string): Match | typeof AMBIGUOUS | undefined {
    this.#inAnyCase ??= {
      byPath: new Map(),
      ends: new PathEnds(this.#images, lowerCase),
      stems: new PathEnds(this.#images, (path) => lowerCase(stemOf(path))),
      folder: lowerCase(this.#folder),
    };
    const found = inLetters(this.#findBy(lowerCase(text), this.#inAnyCase));
    if (found === undefined || found === AMBIGUOUS) return found;
    return found.weak ? undefined : { ...found, unsure: true };
  }

  #findBy(text: string, { byPath, ends, stems, folder }: Ways): Match | typeof AMBIGUOUS | undefined {
    const exact = byPath.get(text);
    if (exact !== undefined) return certain(exact, "path");
    const { path, full, foreign } = tidy(text);
    if (path === "") return undefined;
    const here = isAbsolute(text) ? inside(folder, text) : undefined;
    const ways = here !== undefined ? [here] : foreign ? [] : this.#waysTo(path, folder);
    for (const way of ways) {
      const image = byPath.get(way);
      if (image !== undefined) return certain(image, "path");
    }
    for (const way of ways) {
      const image = ends.whole(way.normalize("NFC"));
      if (image !== undefined) return image === AMBIGUOUS ? image : certain(image, "letters");
    }
    // What would lie in this very folder is not there.
    if (here !== undefined && isImageName(path)) return undefined;
    const isName = isImageName(path);
    const sought = isName ? ends : stems;
    const name = path.normalize("NFC");
    const found = foreign ? sought.longest(name) : sought.within(name);
    if (found === undefined || found === AMBIGUOUS) return found;
    const { image, parts } = found;
    const whole = this.#images[image]!.split("/").length === parts;
    const all = name.split("/").length === parts;
    if (all && !foreign && (parts === 1 || (whole && !isName))) return certain(image, isName ? "name" : "stem");
    const end = name.split("/").slice(-parts).join("/");
    const root = full.normalize("NFC").slice(0, -end.length);
    return { image, kind: "end", root, weak: foreign && !whole, unsure: true };
  }

  /** Paths relative to the folder that are meant if the row's path is relative to the folder or to the table. */
  #waysTo(path: string, folder: string): string[] {
    const table = folder === this.#folder ? this.#table : lowerCase(this.#table);
    const beside = inside(folder, resolve(table, path));
    return beside === undefined || beside === path ? [path] : [path, beside];
  }
}

function certain(image: number, kind: MatchKind): Match {
  return { image, kind, root: "", weak: false, unsure: false };
}

/** What was found by a path that was written otherwise. */
function inLetters(found: Match | typeof AMBIGUOUS | undefined): Match | typeof AMBIGUOUS | undefined {
  return found !== undefined && found !== AMBIGUOUS && found.kind === "path" ? { ...found, kind: "letters" } : found;
}

/** Schemes of addresses; a single letter is a drive. */
const ADDRESS = /^([a-z][a-z0-9+.-]+):\/\//i;

/** An address as a path from a root, or a path with its letters for `%20`; undefined where it is neither, or is damaged. */
function unescaped(text: string): string | undefined {
  const scheme = ADDRESS.exec(text)?.[1];
  if (scheme === undefined && !text.includes("%")) return undefined;
  try {
    return decodeURIComponent(scheme === undefined ? text : `/${withoutQuery(text).slice(scheme.length + 3)}`);
  } catch {
    return undefined;
  }
}

/** An address without what it asks for; a path as it is, in which `?` and `#` are letters. */
export function withoutQuery(text: string): string {
  const scheme = ADDRESS.exec(text)?.[1];
  return scheme === undefined || /^file$/i.test(scheme) ? text : text.replace(/[?#].*$/s, "");
}

function lowerCase(text: string): string {
  return text.toLowerCase();
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
