import type { DuplicateGroup } from "../../src/shared/index.ts";

/** All of a group but the first, which is the one to keep. */
export function allButFirst({ images }: DuplicateGroup): string[] {
  return images.slice(1).map(({ path }) => path);
}

/** What of a selection is still listed, and what it weighs in bytes. */
export function selectionOf(
  groups: readonly DuplicateGroup[],
  selected: ReadonlySet<string>,
): { readonly paths: readonly string[]; readonly bytes: number } {
  // The first of a group may also have others that are perhaps the same.
  const images = new Map(groups.flatMap((group) => group.images).map(({ path, bytes }) => [path, bytes]));
  const chosen = [...images].filter(([path]) => selected.has(path));
  return { paths: chosen.map(([path]) => path), bytes: chosen.reduce((sum, [, bytes]) => sum + bytes, 0) };
}

/** Groups of which every image is selected: nothing of them would be left. */
export function emptied(groups: readonly DuplicateGroup[], selected: ReadonlySet<string>): number {
  return groups.filter(({ images }) => images.every(({ path }) => selected.has(path))).length;
}

/** A number of bytes in the largest unit that leaves a whole part. */
export function bytesText(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
