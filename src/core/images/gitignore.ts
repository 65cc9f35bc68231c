import { promises as fs } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import ignore, { type Ignore } from "ignore";
import { readRegularFile } from "../files/index.ts";

/** The rules of one `.gitignore` file. */
export interface IgnoreRules {
  readonly rules: Ignore;
  /** How a path relative to the indexed folder is seen from the folder of this file; null where it lies outside. */
  readonly from: (path: string) => string | null;
}

/** Rules of `.gitignore` files above `root`, outermost first, as far as its git work tree reaches; none outside of one. */
export async function rulesAbove(root: string): Promise<IgnoreRules[]> {
  const found: IgnoreRules[] = [];
  const isWorkTree = async (folder: string) => exists(join(folder, ".git"));
  if (await isWorkTree(root)) return [];
  for (let at = dirname(root); ; at = dirname(at)) {
    const prefix = relative(at, root).split(sep).join("/");
    const rules = await readRules(join(at, ".gitignore"));
    if (rules !== undefined) found.unshift({ rules, from: (path) => `${prefix}/${path}` });
    if (await isWorkTree(at)) return found;
    if (dirname(at) === at) return [];
  }
}

/** Rules of the `.gitignore` file in a folder under `root`; undefined where it has none. */
export async function rulesIn(root: string, folder: string): Promise<IgnoreRules | undefined> {
  const rules = await readRules(join(root, folder, ".gitignore"));
  if (rules === undefined) return undefined;
  const prefix = folder === "" ? "" : `${folder}/`;
  return { rules, from: (path) => (path.startsWith(prefix) ? path.slice(prefix.length) : null) };
}

/** Whether git ignores a path whose parent it does not ignore: the last rule that matches decides, the deepest file last. */
export function isIgnored(files: readonly IgnoreRules[], path: string, isFolder: boolean): boolean {
  for (let f = files.length - 1; f >= 0; f--) {
    const { rules, from } = files[f]!;
    const seen = from(path);
    if (seen === null) continue;
    const { ignored, unignored } = rules.test(isFolder ? `${seen}/` : seen);
    if (ignored || unignored) return ignored;
  }
  return false;
}

/** Bytes and lines of a file of rules: each line is a regular expression that every path is held against. */
const MAX_RULES = 2 ** 20;
const MOST_LINES = 5000;

async function readRules(file: string): Promise<Ignore | undefined> {
  try {
    const lines = quickLines((await readRegularFile(file, MAX_RULES)).toString("utf8"));
    if (lines.length > MOST_LINES) return undefined;
    return ignore({ ignorecase: process.platform === "win32" }).add(lines);
  } catch {
    // None there, not readable or far too large: git goes on without it too.
    return undefined;
  }
}

/** A name with more wildcards than this may take a regular expression seconds, and minutes with one more. */
const MOST_WILDCARDS = 3;

/** The lines that can be matched in reasonable time; the others are passed over (docs/troubleshooting.md). */
function quickLines(text: string): string[] {
  const count = (part: string) => part.match(/\*+/g)?.length ?? 0;
  return text.split(/\r?\n/).filter((line) => {
    const parts = line.split("/");
    return (
      parts.every((part) => count(part) <= MOST_WILDCARDS) &&
      parts.filter((part) => part === "**").length <= MOST_WILDCARDS
    );
  });
}

function exists(path: string): Promise<boolean> {
  return fs.access(path).then(
    () => true,
    () => false,
  );
}
