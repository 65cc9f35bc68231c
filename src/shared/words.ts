/** How many there are, and the first of them by name: `3: a, b, ...`. */
export function listed(items: readonly string[], shown = 3): string {
  return `${items.length}: ${items.slice(0, shown).join(", ")}${items.length > shown ? ", ..." : ""}`;
}

/** `1 image`, `2 images`, `1 class`, `2 classes`, `1 query`, `2 queries`. */
export function count(n: number, noun: string): string {
  if (n === 1) return `1 ${noun}`;
  if (/[^aeiou]y$/.test(noun)) return `${n} ${noun.slice(0, -1)}ies`;
  return `${n} ${noun}${noun.endsWith("s") ? "es" : "s"}`;
}
