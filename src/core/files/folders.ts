import { mkdirSync } from "node:fs";
import { relative, sep } from "node:path";
import envPaths from "env-paths";

/** Where all lies that is kept of a user unless told otherwise: the user's data folder, the same for every front end. */
export function dataFolder(): string {
  return envPaths("lookalike", { suffix: "" }).data;
}

/**
 * Makes a folder, and those above it. In the user's data folder they are for their owner alone, since indexes and thumbnails tell
 * of private pictures; at a place that somebody chose they have the usual rights, since it may be shared on purpose.
 */
export function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, ...(isPrivate(folder) ? { mode: 0o700 } : {}) });
}

/** Whether a path lies in the user's data folder, where nobody else writes. */
export function isPrivate(path: string): boolean {
  const inside = relative(dataFolder(), path);
  return inside !== ".." && !inside.startsWith(`..${sep}`) && !/^[A-Za-z]:/.test(inside);
}
