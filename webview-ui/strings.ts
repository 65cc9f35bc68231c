let strings: Readonly<Record<string, string>> = {};

/** Sets the texts to those that the host wrote into the page; without any they stay English. */
export function readStrings(): void {
  const written = document.querySelector("#strings")?.textContent ?? "";
  if (written !== "") setStrings(JSON.parse(written));
}

/** Sets the texts in the user's language, by their English text. */
export function setStrings(translated: Readonly<Record<string, string>>): void {
  strings = translated;
}

/** A text in the user's language; `{0}`, `{1}`, ... stand for the arguments. */
export function t(english: string, ...args: readonly (string | number)[]): string {
  return (strings[english] ?? english).replace(/\{(\d+)\}/g, (hole, i) => String(args[Number(i)] ?? hole));
}
