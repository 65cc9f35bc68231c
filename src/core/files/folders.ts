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
  const inside = relative(dataFolder(), folder);
  const isPrivate = inside !== ".." && !inside.startsWith(`..${sep}`) && !/^[A-Za-z]:/.test(inside);
  mkdirSync(folder, { recursive: true, ...(isPrivate ? { mode: 0o700 } : {}) });
}
