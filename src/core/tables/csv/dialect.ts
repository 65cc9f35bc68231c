/** How a CSV file is written. */
export interface Dialect {
  readonly separator: string;
  /** Lines before the header that say something to a program: Excel's `sep=;`, PowerShell's `#TYPE ...`. */
  readonly preamble: number;
}

/** Characters that may separate fields without being declared; of two that fit as well, the one that is rarer in texts and numbers. */
const SEPARATORS = ["\t", "|", ";", ","] as const;
/** Lines that are looked at. */
const LOOKED_AT = 20;

/** @param head the beginning of the file's text, without its mark */
export function dialectOf(head: string): Dialect {
  const lines = head.split(/\r\n|\r|\n/);
  let declared: string | undefined;
  let preamble = 0;
  for (; preamble < lines.length; preamble++) {
    const line = lines[preamble]!;
    const separator = /^"?sep=([^"\p{L}\p{N}])"?$/iu.exec(line)?.[1];
    if (separator !== undefined) declared = separator;
    else if (!/^#TYPE(\s|$)/i.test(line)) break;
  }
  return { separator: declared ?? separatorOf(lines.slice(preamble)), preamble };
}

/** The one that the header has most of; of those, the one by which most of the next lines have as many fields. */
function separatorOf(lines: readonly string[]): string {
  const [header = "", ...rest] = lines.filter((line) => line.trim() !== "").slice(0, LOOKED_AT);
  const fields = (line: string, separator: string) => line.replaceAll(/"[^"]*"/g, "").split(separator).length;
  const scored = SEPARATORS.map((separator) => {
    const width = fields(header, separator);
    return { separator, width, alike: rest.filter((line) => fields(line, separator) === width).length };
  });
  return scored.reduce((best, next) =>
    next.width > best.width || (next.width === best.width && next.width > 1 && next.alike > best.alike) ? next : best,
  ).separator;
}
