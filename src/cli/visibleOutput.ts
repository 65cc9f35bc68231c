import { visibleLines } from "../shared/index.ts";

/**
 * Whatever is printed holds names of files, models and operators of others: what would move the cursor or turn the direction of
 * writing is written out. An end of a line stays; whoever prints a name makes it `visible`.
 */
export function printVisibly(): void {
  for (const kind of ["log", "error"] as const) {
    const print = console[kind].bind(console);
    console[kind] = (...parts: unknown[]) =>
      print(...parts.map((part) => (typeof part === "string" ? visibleLines(part) : part)));
  }
}
