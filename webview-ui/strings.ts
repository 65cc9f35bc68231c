/** By English text; read once, when the first is shown. */
let strings: Readonly<Record<string, string>> | undefined;

/** What the host wrote into the page; without it, as in a unit test, texts stay English. */
function written(): Readonly<Record<string, string>> {
  const text = typeof document === "undefined" ? undefined : document.querySelector("#strings")?.textContent;
  return text ? (JSON.parse(text) as Readonly<Record<string, string>>) : {};
}

/** A text in the user's language; `{0}`, `{1}`, ... stand for the arguments. */
export function t(english: string, ...args: readonly (string | number)[]): string {
  strings ??= written();
  return (strings[english] ?? english).replace(/\{(\d+)\}/g, (hole, i) => String(args[Number(i)] ?? hole));
}
