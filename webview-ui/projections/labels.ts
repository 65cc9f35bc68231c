import { folderLabel, folderName, folderRule, shortLabels } from "../../src/shared/index.ts";
import { t } from "../strings.ts";
import type { Categories } from "./colours.ts";

/** File name of an image. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** An image in words. */
export function spoken(path: string): string {
  return t("{0} in {1}", nameOf(path), folderName(path) || "/");
}

/** The labels that folders give, as categories: the most frequent first, of the same frequency by name. */
export function foldersOf(paths: readonly string[]): Categories {
  const counts = new Map<string, number>();
  const rule = folderRule(paths);
  const labels = paths.map((path) => folderLabel(path, rule));
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const names = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([name]) => name);
  const codes = new Map(names.map((name, code) => [name, code]));
  const short = shortLabels(names);
  return {
    names: names.map((name) => short.get(name) || "/"),
    codes: Int32Array.from(labels, (label) => codes.get(label)!),
  };
}

/**
 * Which images a search finds: those whose path or category holds every word of it, whatever the case.
 * @returns uint8 `[count]`, 1 where found; undefined for an empty search, which finds all
 */
export function matching(
  search: string,
  paths: readonly string[],
  { names, codes }: Categories,
): Uint8Array | undefined {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return undefined;
  const lower = names.map((name) => name.toLowerCase());
  return Uint8Array.from(paths, (path, row) => {
    const text = `${path.toLowerCase()}\n${lower[codes[row]!] ?? ""}`;
    return words.every((word) => text.includes(word)) ? 1 : 0;
  });
}

/** Every folder above some images, sorted; what a user may choose among. */
export function foldersAbove(paths: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const path of paths) {
    let end = path.lastIndexOf("/");
    for (; end > 0 && !folders.has(path.slice(0, end)); end = path.lastIndexOf("/", end - 1))
      folders.add(path.slice(0, end));
  }
  return [...folders].sort();
}
