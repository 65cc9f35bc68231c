/** How a CSV file is written. */
export interface Dialect {
  readonly separator: string;
  /** Lines before the header that say something to a program: Excel's `sep=;`, PowerShell's `#TYPE ...`. */
  readonly preamble: number;
  /** Fields in quotes have blanks before them, which belong to no field. */
  readonly blanks: boolean;
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
  const rest = lines.slice(preamble);
  const separator = declared ?? separatorOf(rest);
  return { separator, preamble, blanks: hasBlanks(rest.join("\n"), separator) };
}

/** Whether a field in quotes has blanks before it, behind a separator: `a.png, "red, blue"`. */
function hasBlanks(text: string, separator: string): boolean {
  const one = separator.replace(/[\\\]^-]/, "\\$&");
  const [ends, quoted] = [`(?=[${one}\n]|$)`, '"(?:[^"]|"")*"'];
  // What is quoted as it should be may hold anything.
  const plain = new RegExp(`(^|[${one}\n])${quoted}${ends}`, "g");
  return new RegExp(`[${one}] +${quoted} *${ends}`).test(text.replaceAll(plain, "$1"));
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
