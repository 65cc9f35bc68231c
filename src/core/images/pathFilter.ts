import type { FileFilter } from "../../shared/index.ts";
import { type IgnoreRules, isIgnored, rulesAbove, rulesIn } from "./gitignore.ts";
import { globMatcher, type PathMatcher } from "./globs.ts";

/** What a folder hands down to what lies in it. */
export interface Scope {
  /** The folder or one above it matches an include. */
  readonly included: boolean;
  readonly ignore: readonly IgnoreRules[];
}

/** Decides about files and folders during one walk through a folder. Paths are relative to it, with `/`. */
export class PathFilter {
  readonly #root: string;
  readonly #include: readonly PathMatcher[];
  readonly #exclude: readonly PathMatcher[];
  readonly #gitignore: boolean;

  /** @param root absolute */
  constructor(root: string, { include = [], exclude = [], gitignore = false }: FileFilter) {
    this.#root = root;
    this.#include = globs(include);
    this.#exclude = globs(exclude);
    this.#gitignore = gitignore;
  }

  async top(): Promise<Scope> {
    const ignore = this.#gitignore ? await rulesAbove(this.#root) : [];
    return this.#withOwnRules("", { included: this.#include.length === 0, ignore });
  }

  /** @returns what holds inside the folder; null where nothing in it is wanted */
  async enter(path: string, parent: Scope): Promise<Scope | null> {
    if (this.#isOut(path, parent, true)) return null;
    return this.#withOwnRules(path, { ...parent, included: parent.included || matches(this.#include, path) });
  }

  accepts(path: string, parent: Scope): boolean {
    return !this.#isOut(path, parent, false) && (parent.included || matches(this.#include, path));
  }

  #isOut(path: string, { ignore }: Scope, isFolder: boolean): boolean {
    return matches(this.#exclude, path) || (ignore.length > 0 && isIgnored(ignore, path, isFolder));
  }

  async #withOwnRules(path: string, scope: Scope): Promise<Scope> {
    const own = this.#gitignore ? await rulesIn(this.#root, path) : undefined;
    return own === undefined ? scope : { ...scope, ignore: [...scope.ignore, own] };
  }
}

/** @throws GlobError for one that would take too long */
function globs(patterns: readonly string[]): PathMatcher[] {
  return patterns.flatMap((pattern) => {
    const own = process.platform === "win32" ? pattern.replaceAll("\\", "/") : pattern;
    const glob = own.trim().replace(/^(\.?\/)+|\/+$/g, "");
    // One without a slash holds at any depth.
    return glob === "" ? [] : [globMatcher(glob.includes("/") ? glob : `**/${glob}`)];
  });
}

function matches(patterns: readonly PathMatcher[], path: string): boolean {
  return patterns.some((pattern) => pattern(path));
}
