import { promises as fs } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { Minimatch } from "minimatch";

interface Rule {
  readonly pattern: Minimatch;
  readonly negated: boolean;
  readonly foldersOnly: boolean;
}

/** The rules of one `.gitignore` file. */
export interface IgnoreRules {
  readonly rules: readonly Rule[];
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
    if (rules.length > 0) found.unshift({ rules, from: (path) => `${prefix}/${path}` });
    if (await isWorkTree(at)) return found;
    if (dirname(at) === at) return [];
  }
}

/** Rules of the `.gitignore` file in a folder under `root`; undefined where it has none. */
export async function rulesIn(root: string, folder: string): Promise<IgnoreRules | undefined> {
  const rules = await readRules(join(root, folder, ".gitignore"));
  if (rules.length === 0) return undefined;
  const prefix = folder === "" ? "" : `${folder}/`;
  return { rules, from: (path) => (path.startsWith(prefix) ? path.slice(prefix.length) : null) };
}

/** Whether git ignores a path whose parent it does not ignore: the last rule that matches decides, the deepest file last. */
export function isIgnored(files: readonly IgnoreRules[], path: string, isFolder: boolean): boolean {
  for (let f = files.length - 1; f >= 0; f--) {
    const { rules, from } = files[f]!;
    const seen = from(path);
    if (seen === null) continue;
    for (let r = rules.length - 1; r >= 0; r--) {
      const { pattern, negated, foldersOnly } = rules[r]!;
      if ((!foldersOnly || isFolder) && pattern.match(seen)) return !negated;
    }
  }
  return false;
}

async function readRules(file: string): Promise<Rule[]> {
  try {
    return parseRules(await fs.readFile(file, "utf8"));
  } catch {
    // None there, or not readable: git goes on without it too.
    return [];
  }
}

function parseRules(text: string): Rule[] {
  return text.split(/\r?\n/).flatMap((line) => {
    let glob = line.replace(/(?<!\\)[ \t]+$/, "");
    if (glob === "" || glob.startsWith("#")) return [];
    const negated = glob.startsWith("!");
    if (negated) glob = glob.slice(1);
    const foldersOnly = glob.endsWith("/");
    if (foldersOnly) glob = glob.slice(0, -1);
    // A slash in front or in the middle ties a rule to the file's own folder.
    const anchored = glob.includes("/");
    if (glob.startsWith("/")) glob = glob.slice(1);
    if (glob === "") return [];
    // `x/**` means what lies in x, not x itself, which a later `!` may need.
    if (glob.endsWith("/**")) glob += "/*";
    const options = { dot: true, nobrace: true, noext: true, nocomment: true, nonegate: true } as const;
    return [{ pattern: new Minimatch(anchored ? glob : `**/${glob}`, options), negated, foldersOnly }];
  });
}

function exists(path: string): Promise<boolean> {
  return fs.access(path).then(
    () => true,
    () => false,
  );
}
