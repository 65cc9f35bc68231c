import picomatch from "picomatch";

/** Tells whether a path relative to the folder, with `/`, matches. */
export type PathMatcher = (path: string) => boolean;

/** Alternatives that braces, or groups, may unfold to. */
const MOST_ALTERNATIVES = 1000;
/** Ways of matching a name that a glob of a rarer kind may have: three wildcards and 20 alternatives. */
const MOST_WAYS = 20 * 100 ** 3;

/** A glob that nobody can match in reasonable time; the message is for the user. */
export class GlobError extends Error {
  override readonly name = "GlobError";
}

/**
 * Globs as VS Code has them: `*`, `?`, `**`, `{a,b}`, `[a-z]`, `[!a]`. The time of a match is at most the length of the glob times
 * that of the path: a regular expression, which picomatch makes, takes a power of it, and globs come with workspaces. What
 * else picomatch knows (`@(a|b)`, ...) is left to it, as long as there are few wildcards.
 * @throws GlobError for one that would take too long
 */
export function globMatcher(glob: string): PathMatcher {
  // Dots in braces are a range (`{1..9}`), those beside braces are dots.
  if (/[()\\]|\[:|\{[^}]*\.\./.test(glob)) {
    if (waysOf(glob) <= MOST_WAYS) return picomatch(glob, { dot: true, nonegate: true });
    throw new GlobError(
      `The glob ${glob} has too many wildcards, or groups that can be matched in too many ways. Use fewer, or only *, ?, **, ` +
        "{a,b} and [a-z].",
    );
  }
  const alternatives = unfolded(glob).map(partsOf);
  return (path) => {
    const parts = path.split("/");
    return alternatives.some((pattern) => matchesParts(pattern, parts));
  };
}

/** A group that holds no other, with what stands before and behind it. */
const GROUP = /(?<before>[@?!*+]?)(?:\((?<either>[^(){}]*)\)|\{(?<or>[^(){}]*)\})(?<behind>[+?]?)/g;

/**
 * About how many ways a regular expression has to match a name by a glob of a rarer kind, where each wildcard may stand for a
 * hundred lengths: what it may try before it gives up. Infinite where they double with each letter: a group in a group, or a
 * repeated one that can be read in two ways.
 */
function waysOf(glob: string): number {
  const text = glob.replaceAll(/\\[\s\S]/g, "x");
  const within = text.replaceAll(GROUP, "");
  if (/\[[^\]]*[(){}]/.test(text) || (/[({]/.test(within) && /[)}]/.test(within))) return Number.POSITIVE_INFINITY;
  const lengths = 100 ** (text.match(/\*+|\+|!\(/g)?.length ?? 0);
  let readings = 1;
  for (const { groups } of text.matchAll(GROUP)) {
    const { before, behind, either, or } = groups!;
    const alternatives = either?.split("|") ?? or!.split(",");
    if (/[*+]/.test(before!) || behind === "+") {
      const starts = new Set(alternatives.map((alternative) => alternative[0]));
      const isPlain = /^[^*+?![\]]+$/.test(either ?? or!) && !starts.has(undefined) && before !== "!";
      if (!isPlain || starts.size < alternatives.length) return Number.POSITIVE_INFINITY;
    }
    readings *= alternatives.length * (before === "?" || behind === "?" ? 2 : 1);
  }
  return readings > MOST_ALTERNATIVES ? Number.POSITIVE_INFINITY : readings * lengths;
}

/** `a/**` is the folder too, but `*` + `/**` only what lies in folders, as picomatch has it. */
function partsOf(glob: string): string[] {
  const parts = glob.split("/").filter((part, i, all) => part !== "**" || all[i - 1] !== "**");
  return parts.at(-1) === "**" && parts.at(-2)?.endsWith("*") ? [...parts, "*"] : parts;
}

/** Braces written out. @throws GlobError where that is too much */
function unfolded(glob: string): string[] {
  const done: string[] = [];
  const waiting = [glob];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    // The innermost braces: nothing in them is a brace.
    const braces = /\{([^{}]*,[^{}]*)\}/.exec(next);
    if (braces === null) done.push(next);
    else {
      const [before, after] = [next.slice(0, braces.index), next.slice(braces.index + braces[0].length)];
      for (const part of braces[1]!.split(",").reverse()) waiting.push(before + part + after);
    }
    if (done.length + waiting.length > MOST_ALTERNATIVES) {
      throw new GlobError(`The braces of the glob ${glob} stand for more than ${MOST_ALTERNATIVES} globs. Use fewer.`);
    }
  }
  return done;
}

function matchesParts(pattern: readonly string[], parts: readonly string[]): boolean {
  return greedy(pattern.length, parts.length, {
    isMany: (p) => pattern[p] === "**",
    matches: (p, s) => matchesName(pattern[p]!, parts[s]!),
  });
}

function matchesName(pattern: string, name: string): boolean {
  // A star alone stands for a name, and a name is never empty.
  if (name === "") return pattern === "";
  const tokens = pattern.match(/\*+|\[[!^]?\]?[^\]]*\]|[\s\S]/gu) ?? [];
  const letters = [...name];
  return greedy(tokens.length, letters.length, {
    isMany: (p) => tokens[p]!.startsWith("*"),
    matches: (p, s) => matchesLetter(tokens[p]!, letters[s]!),
  });
}

interface Matching {
  /** Whether an element of the pattern stands for any number of elements. */
  readonly isMany: (p: number) => boolean;
  readonly matches: (p: number, s: number) => boolean;
}

/** Takes as few elements as can be for each wildcard, and one more for the last one where that fails: no other need be tried again. */
function greedy(pattern: number, subject: number, { isMany, matches }: Matching): boolean {
  let [p, s] = [0, 0];
  let star = -1;
  let from = 0;
  while (s < subject) {
    if (p < pattern && isMany(p)) {
      star = p++;
      from = s;
    } else if (p < pattern && matches(p, s)) {
      p++;
      s++;
    } else if (star >= 0) {
      p = star + 1;
      s = ++from;
    } else return false;
  }
  while (p < pattern && isMany(p)) p++;
  return p === pattern;
}

function matchesLetter(token: string, letter: string): boolean {
  if (token === "?") return true;
  if (!/^\[.+\]$/u.test(token)) return token === letter;
  const negated = /^\[[!^]/.test(token);
  const members = [...token.slice(negated ? 2 : 1, -1)];
  let found = false;
  for (let i = 0; i < members.length; i++) {
    const [low, dash, high] = members.slice(i, i + 3);
    if (dash === "-" && high !== undefined) {
      found ||= low! <= letter && letter <= high;
      i += 2;
    } else found ||= low === letter;
  }
  return found !== negated;
}
