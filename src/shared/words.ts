/** How many there are, and the first of them by name: `3: a, b, ...`. */
export function listed(items: readonly string[], shown = 3): string {
  return `${items.length}: ${items.slice(0, shown).join(", ")}${items.length > shown ? ", ..." : ""}`;
}

/** `1 image`, `2 images`, `1 class`, `2 classes`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : noun.endsWith("s") ? "es" : "s"}`;
}
